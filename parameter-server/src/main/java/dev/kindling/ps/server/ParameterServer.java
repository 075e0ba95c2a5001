package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.Transport;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.checkpoint.CheckpointWriter;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.Workspace;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.JvmServers;
import dev.kindling.ps.transport.ServerTls;
import dev.kindling.ps.transport.ShardServer;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.transport.Traffic;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The shards of a run in this process, and the ways to reach them.
 *
 * <pre>{@code
 * try (ParameterServer server = ParameterServer.of(run, initialValues).start()) {
 *   runWorkers(server.location());
 *   save(server.values());
 * }
 * }</pre>
 *
 * Thread-safe.
 */
public final class ParameterServer implements RunServer {
  private static final long TICK_MILLIS = 50;

  private final ShardGroup shards;
  private final ServerLocation location;
  private final ShardServer socket;
  private final CheckpointWriter checkpoints;
  private final Ticker ticker;

  private ParameterServer(Builder builder) {
    shards =
        new ShardGroup(
            builder.run,
            builder.start.share(),
            builder.term,
            builder.start.storage(builder.run),
            builder.start.version());
    if (builder.isStandby) {
      shards.standBy();
    }
    checkpoints = builder.store == null ? null : checkpointWriter(builder);
    builder.listeners.forEach(shards::listen);
    socket = builder.port == null ? null : listen(builder);
    location =
        new ServerLocation(
            builder.run.id(),
            JvmServers.enter(shards),
            builder.transport,
            socket == null ? List.of() : List.of(new Address(builder.advertised, socket.port())),
            builder.secret,
            builder.run.buckets(),
            builder.run.tree(),
            builder.trusted,
            builder.run.staleness(),
            builder.run.isAsynchronous(),
            builder.run.rounding(),
            builder.run.tables().size());
    Workspace workspace = new Workspace(builder.run.tree());
    Stragglers stragglers = new Stragglers();
    ticker =
        new Ticker(
            () -> {
              shards.tick(workspace);
              stragglers.watch(shards, System.nanoTime());
            },
            TICK_MILLIS);
  }

  private CheckpointWriter checkpointWriter(Builder builder) {
    CheckpointWriter writer =
        new CheckpointWriter(
            shards,
            builder.store,
            builder.checkpointEvery,
            builder.keep,
            version -> builder.listeners.forEach(listener -> listener.checkpointed(version)),
            builder.checkpointFailed);
    shards.listen(writer);
    return writer;
  }

  private ShardServer listen(Builder builder) {
    return new ShardServer(
        shards, builder.secret, builder.host, builder.port, builder.socketOptions, builder.tls);
  }

  /** A server of a run that begins with these values, one for each element of the layout. */
  public static Builder of(RunSpec run, float[] values) {
    if (values.length != run.buckets().length()) {
      throw new IllegalArgumentException(
          "run %s: %d initial values for a layout of %d elements"
              .formatted(run.id(), values.length, run.buckets().length()));
    }
    float[][] zeros = new float[run.stateVectors()][values.length];
    return new Builder(run, new Snapshot(0, values.clone(), zeros));
  }

  /**
   * A server of a run that goes on from a checkpoint, see {@link Checkpoints#newest()}, and holds
   * the share that is in it. Takes over its vectors: they change from then on.
   */
  public static Builder of(RunSpec run, Snapshot checkpoint) {
    return new Builder(run, checkpoint);
  }

  /** What may be set before the start. */
  public static final class Builder {
    private final RunSpec run;
    private final Snapshot start;
    private final List<ShardListener> listeners = new ArrayList<>();
    private Transport transport = Transport.AUTO;
    private Secret secret = Secret.random();
    private String host = "0.0.0.0";
    private String advertised = "127.0.0.1";
    private Integer port;
    private SocketOptions socketOptions = SocketOptions.defaults();
    private ServerTls tls;
    private ClientTls trusted;
    private int term = 1;
    private boolean isStandby;
    private CheckpointStore store;
    private long checkpointEvery;
    private int keep;
    private Consumer<IOException> checkpointFailed;

    private Builder(RunSpec run, Snapshot start) {
      this.run = run;
      this.start = start;
    }

    /** Told of versions, reductions and failures. */
    public Builder listener(ShardListener listener) {
      listeners.add(listener);
      return this;
    }

    /** Which recovery of the shards this is, see {@link Checkpoints#nextTerm()}; 1 by default. */
    public Builder term(int number) {
      term = number;
      return this;
    }

    /** Takes none but its primary's steps until it is promoted. */
    Builder standby(boolean waits) {
      isStandby = waits;
      return this;
    }

    /**
     * Takes checkpoints while steps go on.
     *
     * @param into where they go
     * @param every whenever the version is a multiple of this, and at the last one
     * @param kept so many stay
     * @param failed told when writing fails; training goes on
     */
    public Builder checkpoints(
        CheckpointStore into, long every, int kept, Consumer<IOException> failed) {
      if (every < 1 || kept < 1) {
        throw new IllegalArgumentException(
            "checkpoints every %d steps, %d kept: both must be at least 1".formatted(every, kept));
      }
      store = into;
      checkpointEvery = every;
      keep = kept;
      checkpointFailed = failed;
      return this;
    }

    /** How workers come; {@link Transport#AUTO} by default. */
    public Builder transport(Transport choice) {
      transport = choice;
      return this;
    }

    /** What workers must know; drawn at random by default. */
    public Builder secret(Secret shared) {
      secret = shared;
      return this;
    }

    /**
     * Listens for workers of other JVMs; without this it is reached in-process only.
     *
     * @param bind the local address to listen on, e.g. {@code 0.0.0.0}
     * @param reachable the name or address under which workers find it
     * @param number the port; 0 for any free one
     */
    public Builder listen(String bind, String reachable, int number) {
      host = bind;
      advertised = reachable;
      port = number;
      return this;
    }

    /**
     * TLS 1.3 for every connection; without it, what follows the challenge is neither encrypted nor
     * signed.
     *
     * @param own this server's certificate and key
     * @param trust what workers check it against
     */
    public Builder tls(ServerTls own, ClientTls trust) {
      tls = own;
      trusted = trust;
      return this;
    }

    /** Times and sizes of connections; {@link SocketOptions#defaults()} by default. */
    public Builder socketOptions(SocketOptions options) {
      socketOptions = options;
      return this;
    }

    /**
     * Starts the server.
     *
     * @throws ParameterServerException if the port is taken
     */
    public ParameterServer start() {
      return new ParameterServer(this);
    }
  }

  /** What a worker needs to come here; holds the secret. */
  @Override
  public ServerLocation location() {
    return location;
  }

  /** What has gone through its sockets; empty where it listens on none. */
  public Optional<Traffic> traffic() {
    return Optional.ofNullable(socket).map(ShardServer::traffic);
  }

  ShardGroup shards() {
    return shards;
  }

  /** The run's step: the version that every bucket has. */
  @Override
  public long version() {
    return shards.version();
  }

  /** How many steps were skipped because their gradient was not finite. */
  @Override
  public long skipped() {
    return shards.skipped();
  }

  /** How many steps went back to an earlier version because their gradient was not finite. */
  @Override
  public long rolledBack() {
    return shards.rolledBack();
  }

  /** How far each worker of the newest start is. */
  @Override
  public List<WorkerProgress> workers() {
    return shards.workers();
  }

  /**
   * A copy of the flat vector; where other processes hold some of it, of the buckets that are here,
   * one after the other. Consistent when no step is in progress: after the workers have ended, or
   * inside {@link ShardListener#completed}.
   */
  @Override
  public float[] values() {
    return shards.storage().values(version()).clone();
  }

  @Override
  public float[] evaluated() {
    return values();
  }

  @Override
  public List<SparseRows> tables() {
    return IntStream.range(0, shards.run().tables().size())
        .mapToObj(number -> table(number).changedRows())
        .toList();
  }

  /** A row-sparse table of the run, in its order; it changes while steps go on. */
  public RowTable table(int number) {
    return shards.table(number);
  }

  /**
   * Sums over the samples since the start of the epoch, at a version. To be asked for inside {@link
   * ShardListener#completed} or after the workers have ended.
   */
  @Override
  public MetricSums metrics(long version) {
    return shards.storage().metrics(version);
  }

  @Override
  public List<ShardProgress> shardProgress() {
    Optional<Address> address = location.addresses().stream().findFirst();
    return List.of(shards.share().progress(address, shards.run().buckets(), version()));
  }

  @Override
  public Estimate noise() {
    return shards.noise();
  }

  @Override
  public double observedFactor() {
    return shards.storage().plateau().factor();
  }

  /**
   * Takes a checkpoint as soon as possible, within two more steps of the workers.
   *
   * @return the version, once it is committed
   * @throws IllegalStateException if the server was started without a store
   */
  @Override
  public CompletableFuture<Long> checkpoint() {
    if (checkpoints == null) {
      throw new IllegalStateException("the server of " + location + " has no checkpoint store");
    }
    return checkpoints.request();
  }

  /** The same of a version; empty if it is made already. */
  Optional<CompletableFuture<Long>> checkpoint(long version) {
    return checkpoints.request(version);
  }

  /** Stops the run: every worker's wait ends with this message. */
  @Override
  public void abort(String message) {
    shards.abort(new ParameterServerException(Reason.ABORTED, message));
  }

  /** Ends the server: workers that still wait get an error, a collected checkpoint is written. */
  @Override
  public void close() {
    JvmServers.leave(location.jvm());
    ticker.close();
    shards.abort(
        new ParameterServerException(Reason.CLOSED, "the parameter server has been closed"));
    if (socket != null) {
      socket.close();
    }
    if (checkpoints != null) {
      checkpoints.close();
    }
  }
}
