package dev.kindling.ps.wire;

import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * How a run goes, for its driver: five times a second, and at the end of each epoch before any
 * worker goes on.
 *
 * @param version that every bucket has
 * @param skipped steps that changed nothing
 * @param rolledBack steps that went back to an earlier version
 * @param metrics sums since the start of the epoch
 * @param noise of the gradients of late
 * @param factor that a schedule which watches a metric puts on the learning rate; 1 without one
 * @param checkpointed the newest version with a committed checkpoint of this run; 0 for none
 * @param workers of the newest start; the time they were heard of is the receiver's
 */
public record Status(
    long version,
    long skipped,
    long rolledBack,
    MetricSums metrics,
    Estimate noise,
    double factor,
    long checkpointed,
    List<WorkerProgress> workers)
    implements Message {
  private static final int LEAST_WORKER = 3 * Integer.BYTES + 3 * Long.BYTES + Short.BYTES;

  /** Copies the list. */
  public Status {
    workers = List.copyOf(workers);
  }

  @Override
  public MessageType type() {
    return MessageType.STATUS;
  }

  @Override
  public int bodyLength() {
    int names = 0;
    for (WorkerProgress one : workers) {
      names += Fields.utf8(one.worker().name()).length;
    }
    return 10 * Long.BYTES + Integer.BYTES + workers.size() * LEAST_WORKER + names;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(version);
    out.writeLongLE(skipped);
    out.writeLongLE(rolledBack);
    out.writeDoubleLE(metrics.lossSum());
    out.writeDoubleLE(metrics.correct());
    out.writeDoubleLE(metrics.count());
    out.writeDoubleLE(noise.trace());
    out.writeDoubleLE(noise.squared());
    out.writeDoubleLE(factor);
    out.writeLongLE(checkpointed);
    out.writeIntLE(workers.size());
    workers.forEach(one -> write(one, out));
  }

  private static void write(WorkerProgress one, ByteBuf out) {
    Fields.writeWorker(one.worker(), out);
    out.writeLongLE(one.step());
    out.writeLongLE(one.computeNanos());
    out.writeLongLE(one.exchangeNanos());
  }

  static Status decode(ByteBuf in) {
    long version = in.readLongLE();
    long skipped = in.readLongLE();
    long rolledBack = in.readLongLE();
    MetricSums metrics = new MetricSums(in.readDoubleLE(), in.readDoubleLE(), in.readDoubleLE());
    Estimate noise = new Estimate(in.readDoubleLE(), in.readDoubleLE());
    double factor = in.readDoubleLE();
    long checkpointed = in.readLongLE();
    int count = Fields.readCount(in, LEAST_WORKER);
    List<WorkerProgress> workers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Worker worker = Fields.readWorker(in);
      workers.add(
          new WorkerProgress(
              worker, in.readLongLE(), in.readLongLE(), in.readLongLE(), System.nanoTime()));
    }
    return new Status(version, skipped, rolledBack, metrics, noise, factor, checkpointed, workers);
  }
}
