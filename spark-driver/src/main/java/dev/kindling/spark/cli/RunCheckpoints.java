package dev.kindling.spark.cli;

import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** Where the checkpoints of a run of the command line are. */
final class RunCheckpoints {
  private RunCheckpoints() {}

  /** In the run directory, or below {@code checkpoint.path} in a folder named by the run's id. */
  static CheckpointStore store(RunConfig config, RunDirectory directory, JavaSparkContext spark)
      throws IOException {
    Optional<String> path = config.checkpoint().path();
    Optional<String> folder =
        path.map(root -> root + "/" + config.run().orElseThrow()).or(directory::remoteCheckpoints);
    return folder.isPresent()
        ? new HadoopCheckpointStore(folder.get(), spark.hadoopConfiguration())
        : new LocalCheckpointStore(directory.checkpoints());
  }
}
