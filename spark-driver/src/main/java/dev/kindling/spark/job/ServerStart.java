package dev.kindling.spark.job;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.server.RemoteServer;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.wire.Begin;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Starts the parameter server of a run, in the driver or in a standalone process: anew, or from the
 * newest checkpoint.
 */
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

  RunServer start(RunMonitor monitor) throws InterruptedException {
    return options.servers().external().isPresent() ? external(monitor) : inDriver(monitor);
  }

  private RunServer external(RunMonitor monitor) throws InterruptedException {
    ServerOptions servers = options.servers();
    Place place =
        new Place(
            servers.external().orElseThrow(),
            servers.secret().orElseThrow(),
            servers.trusted().orElse(null));
    Optional<Checkpointing> kept = options.checkpoints();
    Begin begin =
        new Begin(
            spec,
            kept.map(Checkpointing::everyEpochs).orElse(1) * run.stepsPerEpoch(),
            kept.map(Checkpointing::keep).orElse(1),
            kept.map(Checkpointing::resume).orElse(false),
            run.stopping().restoreBest());
    RemoteServer server =
        new RemoteServer(place, begin, this::initialValues, monitor, monitor::checkpointFailed);
    try {
      if (run.stopping().isOn() && kept.isPresent()) {
        keepEvaluations(kept.get(), monitor, server.version());
      }
      return server;
    } catch (IOException e) {
      server.close();
      throw new UncheckedIOException(
          "what early stopping has seen cannot be read: " + e.getMessage(), e);
    }
  }

  private void keepEvaluations(Checkpointing kept, RunMonitor monitor, long version)
      throws IOException {
    int needed = kept.everyEpochs() * (kept.keep() + 1) + 1;
    EvaluationFiles files = new EvaluationFiles(kept.store(), run.stepsPerEpoch(), needed);
    files.read(monitor.best(), version);
    monitor
        .best()
        .keepBy(
            evaluated -> {
              try {
                files.write(monitor.best(), evaluated);
              } catch (IOException e) {
                monitor.checkpointFailed(e);
              }
            });
  }

  private float[] initialValues() {
    TrainingConfig training = run.training();
    return FlatParameters.initialize(training.model(), training.seed());
  }

  private ParameterServer inDriver(RunMonitor monitor) {
    try {
      ParameterServer.Builder builder = initial();
      options.checkpoints().ifPresent(kept -> keep(builder, kept, monitor));
      listen(builder.transport(options.servers().transport()).listener(monitor));
      options.servers().secret().ifPresent(builder::secret);
      options
          .servers()
          .tls()
          .ifPresent(tls -> builder.tls(tls, options.servers().trusted().orElseThrow()));
      ParameterServer server = builder.start();
      resumeBest(monitor.best(), server.version());
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoints cannot be read: " + e.getMessage(), e);
    }
  }

  private void resumeBest(BestSoFar best, long version) throws IOException {
    if (options.checkpoints().isPresent()) {
      best.read(options.checkpoints().get().store(), version);
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
    return ParameterServer.of(spec, initialValues());
  }

  private void keep(ParameterServer.Builder builder, Checkpointing kept, RunMonitor monitor) {
    builder.checkpoints(
        new ObservedStore(kept.store(), monitor.best(), monitor::checkpointWritten),
        kept.everyEpochs() * run.stepsPerEpoch(),
        kept.keep(),
        monitor::checkpointFailed);
  }

  /** Listens only where somebody has to come from outside; in local mode to this machine alone. */
  private void listen(ParameterServer.Builder builder) {
    SparkConf conf = spark.getConf();
    boolean isLocal = spark.isLocal();
    if (options.servers().transport() == Transport.SOCKET
        || (options.servers().transport() == Transport.AUTO && !isLocal)) {
      String reachable = isLocal ? "127.0.0.1" : conf.get("spark.driver.host", "127.0.0.1");
      String bind = isLocal ? "127.0.0.1" : conf.get("spark.driver.bindAddress", "0.0.0.0");
      builder.listen(bind, reachable, options.servers().port());
    }
  }
}
