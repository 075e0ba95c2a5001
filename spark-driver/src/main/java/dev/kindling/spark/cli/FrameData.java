package dev.kindling.spark.cli;

import dev.kindling.data.EncodedRows;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Split;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Modules;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.DataConfig;
import dev.kindling.spark.config.FrameConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.data.BadRowCount;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.LossTarget;
import dev.kindling.spark.data.NamedRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.data.RowsFile;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Rows that one of Spark's readers brings. */
final class FrameData implements RunData {
  private final Dataset<Row> train;
  private final Optional<Dataset<Row>> test;
  private final DataFrameRows rows;
  private final Optional<Dataset<Row>> heldOut;
  private final List<BadRowCount> counts = new ArrayList<>();

  private FrameData(
      Dataset<Row> train,
      Optional<Dataset<Row>> heldOut,
      Optional<Dataset<Row>> test,
      DataFrameRows rows) {
    this.train = train;
    this.heldOut = heldOut;
    this.test = test;
    this.rows = rows;
  }

  /** Reads the schema; learns what is to be learned, unless the run has learned it already. */
  static FrameData open(JavaSparkContext context, RunConfig config, RunDirectory directory) {
    SparkSession spark = SparkSession.builder().sparkContext(context.sc()).getOrCreate();
    DataConfig data = config.data();
    FrameConfig frame = data.frame().orElseThrow();
    Dataset<Row> all = FrameReader.of(data).read(spark, data.requiredPath());
    DataSpec spec = frame.spec(data.normalisation());
    Optional<Split<Dataset<Row>>> split =
        data.validation() > 0
            ? Optional.of(TrainingJob.holdOut(all, spec, data.validation(), config.train().seed()))
            : Optional.empty();
    Dataset<Row> train = split.map(Split::train).orElse(all);
    Optional<Dataset<Row>> test =
        frame.testPath().map(path -> FrameReader.of(data).read(spark, path));
    DataFrameRows rows =
        Files.exists(directory.features())
            ? learned(directory)
            : spec.learn(
                train,
                shape -> LossTarget.of(Modules.of(config.model()), Loss.of(config.loss()), shape));
    return new FrameData(train, split.map(Split::validation), test, rows);
  }

  /** What training has learned of the features. */
  static DataFrameRows learned(RunDirectory directory) {
    try {
      String text = Files.readString(directory.features());
      return RowsFile.read(directory.features().toString(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(directory.features() + " cannot be read: " + e, e);
    }
  }

  @Override
  public RowFormat format() {
    return rows.format();
  }

  @Override
  public RowSource trainRows() {
    return watched(rows.source(train));
  }

  @Override
  public NamedRows trainRowsByGroup() {
    NamedRows named = rows.byGroup(train);
    counts.add(named.bad());
    return named;
  }

  @Override
  public Optional<RowSource> testRows() {
    return heldOut.or(() -> test).map(data -> watched(rows.source(data)));
  }

  @Override
  public boolean isSplit() {
    return heldOut.isPresent();
  }

  /** The training rows, collected. */
  EncodedRows train() {
    return new EncodedRows(rows.format(), rows.source(train).blocks().collect());
  }

  private RowSource watched(RowSource source) {
    source.bad().ifPresent(counts::add);
    return source;
  }

  @Override
  public EncodedRows test() {
    Dataset<Row> data =
        test.or(() -> heldOut)
            .orElseThrow(
                () ->
                    new ConfigException(
                        "data.test_path is not set; add --set data.test_path=PATH to evaluate on its rows"));
    return new EncodedRows(rows.format(), rows.source(data).blocks().collect());
  }

  @Override
  public void keepIn(RunDirectory directory) {
    directory.write(directory.features(), RowsFile.write(rows));
  }

  @Override
  public List<String> remarks() {
    return counts.stream().flatMap(bad -> bad.report().stream()).toList();
  }
}
