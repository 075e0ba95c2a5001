package dev.kindling.spark.cli;

import dev.kindling.data.Dataset;
import dev.kindling.data.RowFormat;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.data.NamedRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.metrics.RunDirectory;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** The rows that a configuration names. */
interface RunData {

  /** What every row is made of. */
  RowFormat format();

  /** The training rows, on a cluster. */
  RowSource trainRows();

  /**
   * The training rows under the names of those they belong to.
   *
   * @throws IllegalStateException where no column says that
   */
  default NamedRows trainRowsByGroup() {
    throw new IllegalStateException("data: no column says whose a row is");
  }

  /** The test rows, on a cluster. */
  Optional<RowSource> testRows();

  /**
   * Whether rows were held out before anything was learned of the others: {@link #testRows} are
   * those then.
   */
  default boolean isSplit() {
    return false;
  }

  /** The test rows in this process. */
  Dataset test();

  /** Keeps beside the model what was learned of the data. */
  default void keepIn(RunDirectory directory) {}

  /** What there is to say of the rows once they are read. */
  default List<String> remarks() {
    return List.of();
  }

  /** Files of the project's own formats are read and checked before Spark starts. */
  static Optional<DataFiles> beforeSpark(RunConfig config) {
    return config.data().frame().isPresent()
        ? Optional.empty()
        : Optional.of(DataFiles.open(config.data()));
  }

  /** The rows on a cluster. */
  static RunData on(
      JavaSparkContext spark, Optional<DataFiles> files, RunConfig config, RunDirectory directory) {
    return files
        .<RunData>map(read -> read.on(spark))
        .orElseGet(() -> FrameData.open(spark, config, directory));
  }
}
