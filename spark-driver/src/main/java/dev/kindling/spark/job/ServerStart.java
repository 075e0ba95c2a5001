package dev.kindling.spark.job;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Starts the parameter server of a run in the driver: anew, or from the newest checkpoint. */
final class ServerStart {
  private final JavaSparkContext spark;
  private final JobOptions options;
  private final RunPlan run;
  private final RunSpec spec;

  ServerStart(JavaSparkContext spark, JobOptions options, RunPlan run, RunSpec spec) {
    this.spark = spark;
    this.options = options;
    this.run = run;
    this.spec = spec;
  }

  ParameterServer start(RunMonitor monitor) {
    try {
      ParameterServer.Builder builder = initial();
      options.checkpoints().ifPresent(kept -> keep(builder, kept, monitor));
      listen(builder.transport(options.transport()).listener(monitor));
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoints cannot be read: " + e.getMessage(), e);
    }
  }

  private ParameterServer.Builder initial() throws IOException {
    if (options.checkpoints().isEmpty()) {
      return fresh();
    }
    Checkpoints checkpoints = new Checkpoints(options.checkpoints().get().store(), spec);
    Optional<Snapshot> newest =
        options.checkpoints().get().resume() ? checkpoints.newest() : Optional.empty();
    ParameterServer.Builder builder =
        newest.map(snapshot -> ParameterServer.of(spec, snapshot)).orElseGet(this::fresh);
    return builder.term(checkpoints.nextTerm());
  }

  private ParameterServer.Builder fresh() {
    TrainingConfig training = run.training();
    return ParameterServer.of(spec, FlatParameters.initialize(training.model(), training.seed()));
  }

  private void keep(ParameterServer.Builder builder, Checkpointing kept, RunMonitor monitor) {
    builder.checkpoints(
        kept.store(),
        kept.everyEpochs() * run.stepsPerEpoch(),
        kept.keep(),
        monitor::checkpointFailed);
  }

  /** Listens only where somebody has to come from outside; in local mode to this machine alone. */
  private void listen(ParameterServer.Builder builder) {
    SparkConf conf = spark.getConf();
    boolean isLocal = spark.isLocal();
    if (options.transport() == Transport.SOCKET
        || (options.transport() == Transport.AUTO && !isLocal)) {
      String reachable = isLocal ? "127.0.0.1" : conf.get("spark.driver.host", "127.0.0.1");
      String bind = isLocal ? "127.0.0.1" : conf.get("spark.driver.bindAddress", "0.0.0.0");
      builder.listen(bind, reachable, options.port());
    }
  }
}
