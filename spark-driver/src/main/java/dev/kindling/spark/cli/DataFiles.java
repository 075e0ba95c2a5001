package dev.kindling.spark.cli;

import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.data.format.IdxDataset;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.RowSource;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** The data that a configuration names. */
final class DataFiles {
  private final RunConfig.Data data;
  private final Normalisation normalisation;

  DataFiles(RunConfig.Data data) {
    this.data = data;
    this.normalisation = Normalisation.pixels(data.mean(), data.deviation());
  }

  /** The held-out rows, in this process. */
  Dataset test() {
    return isDigits()
        ? SyntheticDigits.test(normalisation)
        : IdxDataset.test(path(), normalisation);
  }

  /** The training rows, in this process. */
  Dataset train() {
    return isDigits()
        ? SyntheticDigits.train(normalisation)
        : IdxDataset.train(path(), normalisation);
  }

  /**
   * Reads what this process has to read: a bad file is found before Spark starts.
   *
   * @throws dev.kindling.data.DataException naming the file and what is wrong with it
   */
  Loaded load() {
    return isDigits() ? new Drawn(normalisation) : new Read(train(), test());
  }

  /** Data that are there. */
  sealed interface Loaded {
    /** The training rows, on a cluster. */
    RowSource trainRows(JavaSparkContext spark);

    /** The held-out rows, on a cluster. */
    RowSource testRows(JavaSparkContext spark);
  }

  /** Digits that the executors draw. */
  private record Drawn(Normalisation normalisation) implements Loaded {
    @Override
    public RowSource trainRows(JavaSparkContext spark) {
      Normalisation formula = normalisation;
      return DatasetRows.drawn(spark, () -> SyntheticDigits.train(formula));
    }

    @Override
    public RowSource testRows(JavaSparkContext spark) {
      Normalisation formula = normalisation;
      return DatasetRows.drawn(spark, () -> SyntheticDigits.test(formula));
    }
  }

  /** Rows that this process has read. */
  private record Read(Dataset train, Dataset test) implements Loaded {
    @Override
    public RowSource trainRows(JavaSparkContext spark) {
      return DatasetRows.sent(spark, train);
    }

    @Override
    public RowSource testRows(JavaSparkContext spark) {
      return DatasetRows.sent(spark, test);
    }
  }

  private boolean isDigits() {
    return data.format().equals("digits");
  }

  private Path path() {
    return data.path()
        .orElseThrow(
            () ->
                new ConfigException(
                    "data.path is missing: format %s needs the folder of the files; add --set data.path=FOLDER"
                        .formatted(data.format())));
  }
}
