package dev.kindling.spark.job;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.SparseRows;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Shards in executors. When one of these is lost all shards begin again, from the newest checkpoint
 * that all had, or from the start where there is none; in the executors that are there then, which
 * may be more or fewer (see {@link dev.kindling.ps.checkpoint.SharedCheckpoints}). Thread-safe.
 */
final class ExecutorServer implements RunServer {
  private final Start start;
  private final ShardListener listener;
  private volatile Ears ears;
  private volatile RunServer current;

  /** Begins a run in some executors. */
  interface Start {
    RunServer begin(boolean resume, ShardListener listener) throws InterruptedException;
  }

  ExecutorServer(Start start, boolean resume, ShardListener listener) throws InterruptedException {
    this.start = start;
    this.listener = listener;
    begin(resume);
  }

  private void begin(boolean resume) throws InterruptedException {
    ears = new Ears(listener);
    current = start.begin(resume, ears);
  }

  @Override
  public boolean recover() throws InterruptedException {
    boolean isLost = ears.lost;
    if (isLost) {
      current.close();
      begin(true);
    }
    return isLost;
  }

  @Override
  public ServerLocation location() {
    return current.location();
  }

  @Override
  public long version() {
    return current.version();
  }

  @Override
  public long skipped() {
    return current.skipped();
  }

  @Override
  public long rolledBack() {
    return current.rolledBack();
  }

  @Override
  public List<WorkerProgress> workers() {
    return current.workers();
  }

  @Override
  public float[] values() {
    return current.values();
  }

  @Override
  public List<SparseRows> tables() {
    return current.tables();
  }

  @Override
  public float[] evaluated() {
    return current.evaluated();
  }

  @Override
  public MetricSums metrics(long version) {
    return current.metrics(version);
  }

  @Override
  public List<ShardProgress> shardProgress() {
    return current.shardProgress();
  }

  @Override
  public Estimate noise() {
    return current.noise();
  }

  @Override
  public double observedFactor() {
    return current.observedFactor();
  }

  @Override
  public CompletableFuture<Long> checkpoint() {
    return current.checkpoint();
  }

  @Override
  public void abort(String message) {
    current.abort(message);
  }

  @Override
  public void close() {
    current.close();
  }

  /** Passes on what one start of the shards tells; their loss can be mended. */
  private static final class Ears implements ShardListener {
    private final ShardListener listener;
    private volatile boolean lost;

    Ears(ShardListener listener) {
      this.listener = listener;
    }

    @Override
    public void completed(long version) {
      listener.completed(version);
    }

    @Override
    public void reduced(long key, double[] result) {
      listener.reduced(key, result);
    }

    @Override
    public void checkpointed(long version) {
      listener.checkpointed(version);
    }

    @Override
    public void began(int incarnation) {
      listener.began(incarnation);
    }

    @Override
    public void joined(Worker worker) {
      listener.joined(worker);
    }

    @Override
    public void failed(Worker worker, String message) {
      listener.failed(worker, message);
    }

    @Override
    public void slow(Worker worker, String warning) {
      listener.slow(worker, warning);
    }

    @Override
    public void aborted(ParameterServerException cause) {
      if (cause.reason() == Reason.UNREACHABLE) {
        lost = true;
      } else {
        listener.aborted(cause);
      }
    }
  }
}
