package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.transport.JvmServers;
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

  private ParameterServer(Builder builder) {
    ShardStorage storage = new ShardStorage(builder.run);
    System.arraycopy(builder.values, 0, storage.values(0), 0, builder.values.length);
    shards = new ShardGroup(builder.run, 1, storage, 0, builder.listeners);
    location =
        new ServerLocation(
            builder.run.id(),
            JvmServers.enter(shards),
            builder.transport,
            List.of(),
            builder.secret,
            builder.run.buckets(),
            builder.run.tree());
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

    /** Starts the server. */
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
  }
}
