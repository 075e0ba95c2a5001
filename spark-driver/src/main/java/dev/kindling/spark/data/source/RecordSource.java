package dev.kindling.spark.data.source;

import dev.kindling.data.DataException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A data source of records. Options: {@code path}, the folder; {@code part}, {@code train} (the
 * default) or {@code test}.
 */
abstract sealed class RecordSource implements TableProvider, DataSourceRegister
    permits IdxSource, Cifar10Source {

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return RecordTable.SCHEMA;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    CaseInsensitiveStringMap options = new CaseInsensitiveStringMap(properties);
    String path = options.get("path");
    if (path == null) {
      throw new DataException(shortName() + ": no path; call load(folder)");
    }
    HadoopFiles files = HadoopFiles.ofSession();
    return new RecordTable(shortName() + " " + path, files, records(files, path, part(options)));
  }

  private String part(CaseInsensitiveStringMap options) {
    String part = options.getOrDefault("part", "train");
    if (!List.of("train", "test").contains(part)) {
      throw new DataException(
          "%s: option part is '%s'; it is train or test".formatted(shortName(), part));
    }
    return part;
  }

  /** The records of a part, whole files. */
  abstract List<Records> records(HadoopFiles files, String path, String part);
}
