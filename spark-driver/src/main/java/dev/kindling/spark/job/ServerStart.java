package dev.kindling.spark.job;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.SharedCheckpoints;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.server.RemoteServer;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.server.RemoteServers;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.wire.Begin;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.spark.server.ShardHosts;
import dev.kindling.spark.server.ShardPlugin;
import dev.kindling.spark.server.SparkSecret;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the parameter server of a run, in the driver, in executors or in standalone processes:
 * anew, or from the newest checkpoint.
 */
final class ServerStart {
  private static final Logger LOG = LoggerFactory.getLogger(ServerStart.class);

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
    return switch (options.servers().placement()) {
      case DRIVER -> inDriver(monitor);
      case EXECUTORS -> inExecutors(monitor);
      case EXTERNAL -> external(monitor);
    };
  }

  private RunServer external(RunMonitor monitor) throws InterruptedException {
    ServerOptions servers = options.servers();
    boolean isResumed = options.checkpoints().map(Checkpointing::resume).orElse(false);
    return at(places(servers.external()), places(servers.standbys()), isResumed, monitor, monitor);
  }

  private List<Place> places(List<Address> addresses) {
    ServerOptions servers = options.servers();
    return addresses.stream()
        .map(
            address ->
                new Place(address, servers.secret().orElseThrow(), servers.trusted().orElse(null)))
        .toList();
  }

  private RunServer at(
      List<Place> places,
      List<Place> standbys,
      boolean resume,
      ShardListener listener,
      RunMonitor monitor)
      throws InterruptedException {
    Optional<Checkpointing> kept = options.checkpoints();
    Begin begin =
        new Begin(
            spec,
            kept.map(Checkpointing::everyEpochs).orElse(1) * run.stepsPerEpoch(),
            kept.map(Checkpointing::keep).orElse(1),
            resume,
            run.stopping().restoreBest() || run.histograms());
    RunServer server =
        places.size() == 1 && standbys.isEmpty()
            ? new RemoteServer(
                places.get(0), begin, this::initialValues, listener, monitor::checkpointFailed)
            : new RemoteServers(
                places, standbys, begin, this::initialValues, listener, monitor::checkpointFailed);
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
    EvaluationFiles files = new EvaluationFiles(kept.store(), run, needed);
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

  private RunServer inExecutors(RunMonitor monitor) throws InterruptedException {
    ShardHosts hosts =
        ShardHosts.of(spark.sc())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "servers.placement: executors needs a Spark that was started with"
                            + " spark.plugins="
                            + ShardPlugin.class.getName()));
    Checkpointing kept = options.checkpoints().orElse(null);
    if (kept == null || !(kept.store() instanceof HadoopCheckpointStore store)) {
      throw new IllegalArgumentException(
          "servers.placement: executors needs checkpoints that another executor can go on from; set"
              + " checkpoint.path to a folder that all of them reach");
    }
    hosts.keep(options.run(), store.root());
    ExecutorPlaces executors =
        new ExecutorPlaces(
            spark.sc(),
            hosts,
            options.startSeconds(),
            ExecutorPlaces.most(spec, options.servers().executors()),
            options.servers().trusted().orElse(null));
    return new ExecutorServer(
        (resume, listener) ->
            executors.open(places -> at(places, List.of(), resume, listener, monitor)),
        kept.resume(),
        monitor);
  }

  private float[] initialValues() {
    TrainingConfig training = run.training();
    return FlatParameters.initialize(training.model(), training.seed());
  }

  private ParameterServer inDriver(RunMonitor monitor) {
    try {
      ParameterServer.Builder builder = initial(monitor);
      options.checkpoints().ifPresent(kept -> keep(builder, kept, monitor));
      listen(builder.transport(options.servers().transport()).listener(monitor));
      secret().ifPresent(builder::secret);
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

  private Optional<Secret> secret() {
    Optional<Secret> written = options.servers().secret();
    Optional<Secret> ofSpark = written.isPresent() ? Optional.empty() : SparkSecret.here();
    ofSpark.ifPresent(secret -> LOG.info("workers prove themselves with Spark's own secret"));
    return written.or(() -> ofSpark);
  }

  private void resumeBest(BestSoFar best, long version) throws IOException {
    if (options.checkpoints().isPresent()) {
      best.read(options.checkpoints().get().store(), version);
    }
  }

  private ParameterServer.Builder initial(RunMonitor monitor) throws IOException {
    if (options.checkpoints().isEmpty()) {
      return fresh();
    }
    Checkpointing kept = options.checkpoints().get();
    SharedCheckpoints checkpoints =
        new SharedCheckpoints(withBest(kept, monitor), spec, ShardShare.ALL);
    Optional<Snapshot> newest =
        kept.resume() ? checkpoints.newest(Long.MAX_VALUE) : Optional.empty();
    ParameterServer.Builder builder =
        newest.map(snapshot -> ParameterServer.of(spec, snapshot)).orElseGet(this::fresh);
    return builder.term(checkpoints.nextTerm());
  }

  private ParameterServer.Builder fresh() {
    return ParameterServer.of(spec, initialValues());
  }

  private void keep(ParameterServer.Builder builder, Checkpointing kept, RunMonitor monitor) {
    builder.checkpoints(
        withBest(kept, monitor),
        kept.everyEpochs() * run.stepsPerEpoch(),
        kept.keep(),
        monitor::checkpointFailed);
  }

  private static EvaluatedStore withBest(Checkpointing kept, RunMonitor monitor) {
    return new EvaluatedStore(kept.store(), monitor.best());
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
