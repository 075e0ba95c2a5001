package dev.kindling.spark.data.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Records as a table of the columns {@code features} and {@code label}. */
final class RecordTable implements Table, SupportsRead {
  /** What every table of records has. */
  static final StructType SCHEMA =
      new StructType()
          .add("features", DataTypes.BinaryType, false)
          .add("label", DataTypes.IntegerType, false);

  private final String name;
  private final HadoopFiles files;
  private final List<Records> records;

  RecordTable(String name, HadoopFiles files, List<Records> records) {
    this.name = name;
    this.files = files;
    this.records = List.copyOf(records);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public StructType schema() {
    return SCHEMA;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new Reading(SCHEMA);
  }

  /** A gzip'ed file is read by one task, since it can only be unpacked from its start. */
  private InputPartition[] partitions() {
    List<InputPartition> parts = new ArrayList<>();
    for (Records all : records) {
      int step = files.isZipped(all.file()) ? all.rows() : Records.rowsOfATask(all.features());
      for (int from = 0; from < all.rows(); from += step) {
        parts.add(all.range(from, Math.min(step, all.rows() - from)));
      }
    }
    return parts.toArray(InputPartition[]::new);
  }

  /** Reads the columns that are asked for. */
  private final class Reading implements ScanBuilder, SupportsPushDownRequiredColumns, Scan, Batch {
    private StructType asked;

    Reading(StructType asked) {
      this.asked = asked;
    }

    @Override
    public void pruneColumns(StructType required) {
      asked = required;
    }

    @Override
    public Scan build() {
      return this;
    }

    @Override
    public StructType readSchema() {
      List<String> names = Arrays.asList(asked.fieldNames());
      StructType inOrder = new StructType();
      for (String column : SCHEMA.fieldNames()) {
        inOrder = names.contains(column) ? inOrder.add(SCHEMA.apply(column)) : inOrder;
      }
      return inOrder;
    }

    @Override
    public String description() {
      return name;
    }

    @Override
    public Batch toBatch() {
      return this;
    }

    @Override
    public InputPartition[] planInputPartitions() {
      return partitions();
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
      List<String> names = Arrays.asList(asked.fieldNames());
      return new Factory(files, names.contains("features"), names.contains("label"));
    }
  }

  private record Factory(HadoopFiles files, boolean features, boolean label)
      implements PartitionReaderFactory {
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      try {
        return new RecordReader((Records) partition, new boolean[] {features, label}, files);
      } catch (java.io.IOException e) {
        throw HadoopFiles.unreadable(((Records) partition).file(), e);
      }
    }
  }
}
