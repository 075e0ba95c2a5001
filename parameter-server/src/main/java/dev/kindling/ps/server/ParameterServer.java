package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.transport.JvmServers;
import dev.kindling.ps.transport.ShardServer;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.train.MetricSums;
import java.util.ArrayList;
import java.util.List;

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
public final class ParameterServer implements AutoCloseable {
  private final ShardGroup shards;
  private final ServerLocation location;
  private final ShardServer socket;

  private ParameterServer(Builder builder) {
    ShardStorage storage = new ShardStorage(builder.run);
    System.arraycopy(builder.values, 0, storage.values(0), 0, builder.values.length);
    shards = new ShardGroup(builder.run, 1, storage, 0);
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
            builder.run.tree());
  }

  private ShardServer listen(Builder builder) {
    return new ShardServer(
        shards, builder.secret, builder.host, builder.port, SocketOptions.defaults());
  }

  /** A server of a run that begins with these values, one for each element of the layout. */
  public static Builder of(RunSpec run, float[] values) {
    return new Builder(run, values);
  }

  /** What may be set before the start. */
  public static final class Builder {
    private final RunSpec run;
    private final float[] values;
    private final List<ShardListener> listeners = new ArrayList<>();
    private Transport transport = Transport.AUTO;
    private Secret secret = Secret.random();
    private String host = "0.0.0.0";
    private String advertised = "127.0.0.1";
    private Integer port;

    private Builder(RunSpec run, float[] values) {
      if (values.length != run.buckets().length()) {
        throw new IllegalArgumentException(
            "run %s: %d initial values for a layout of %d elements"
                .formatted(run.id(), values.length, run.buckets().length()));
      }
      this.run = run;
      this.values = values.clone();
    }

    /** Told of versions, reductions and failures. */
    public Builder listener(ShardListener listener) {
      listeners.add(listener);
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
     * Starts the server.
     *
     * @throws ParameterServerException if the port is taken
     */
    public ParameterServer start() {
      return new ParameterServer(this);
    }
  }

  /** What a worker needs to come here; holds the secret. */
  public ServerLocation location() {
    return location;
  }

  /** The run's step: the version that every bucket has. */
  public long version() {
    return shards.version();
  }

  /** How far each worker of the newest start is. */
  public List<WorkerProgress> workers() {
    return shards.workers();
  }

  /**
   * A copy of the flat vector. Consistent when no step is in progress: after the workers have
   * ended, or inside {@link ShardListener#completed}.
   */
  public float[] values() {
    return shards.storage().values(version()).clone();
  }

  /**
   * Sums over the samples since the start of the epoch, at a version. To be asked for inside {@link
   * ShardListener#completed} or after the workers have ended.
   */
  public MetricSums metrics(long version) {
    long offset = shards.run().update().layout().metricsOffset();
    return MetricSums.read(shards.storage().values(version), Math.toIntExact(offset));
  }

  /** Stops the run: every worker's wait ends with this message. */
  public void abort(String message) {
    shards.abort(new ParameterServerException(Reason.ABORTED, message));
  }

  /** Ends the server; workers that still wait get an error. */
  @Override
  public void close() {
    JvmServers.leave(location.jvm());
    shards.abort(
        new ParameterServerException(Reason.CLOSED, "the parameter server has been closed"));
    if (socket != null) {
      socket.close();
    }
  }
}
