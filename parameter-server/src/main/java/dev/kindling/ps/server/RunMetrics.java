package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardListener;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What can be read from outside about a run, in Prometheus's text format. To be told of versions as
 * a listener of the server it describes. Thread-safe.
 */
public final class RunMetrics implements ShardListener {
  private static final double[] BOUNDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final LongSupplier nanoTime;
  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final LongAdder nanos = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder starts = new LongAdder();
  private volatile ParameterServerException failure;
  private volatile long lastStep;

  /**
   * Nothing has happened yet.
   *
   * @param nanoTime the clock, e.g. {@code System::nanoTime}
   */
  public RunMetrics(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    lastStep = nanoTime.getAsLong();
  }

  @Override
  public void began(int incarnation) {
    starts.increment();
    lastStep = nanoTime.getAsLong(); // the time without workers is no step's
  }

  @Override
  public void completed(long version) {
    long now = nanoTime.getAsLong();
    long spent = now - lastStep;
    lastStep = now;
    nanos.add(spent);
    counts.incrementAndGet(bucket(spent * 1e-9));
  }

  private static int bucket(double seconds) {
    int bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  @Override
  public void skipped(long step) {
    skipped.increment();
  }

  @Override
  public void rolledBack(long step, long version) {
    rolledBack.increment();
  }

  @Override
  public void aborted(ParameterServerException cause) {
    failure = cause;
  }

  /** Why the run was stopped, if it was. */
  public Optional<ParameterServerException> failure() {
    return Optional.ofNullable(failure);
  }

  /** All metrics of a server as text. */
  public String text(ParameterServer server) {
    StringBuilder text = new StringBuilder();
    PrometheusText out = new PrometheusText(text);
    long version = server.version();
    out.type("kindling_version", "gauge", "Steps that every bucket has behind it.");
    out.line("kindling_version", version);
    out.type("kindling_skipped_steps_total", "counter", "Steps whose gradient was not finite.");
    out.line("kindling_skipped_steps_total", skipped.sum());
    out.type("kindling_rolled_back_steps_total", "counter", "Steps that went back to a version.");
    out.line("kindling_rolled_back_steps_total", rolledBack.sum());
    out.type("kindling_worker_starts_total", "counter", "Starts of the workers.");
    out.line("kindling_worker_starts_total", starts.sum());
    histogram(out);
    out.type("kindling_worker_staleness", "gauge", "Versions a worker's last report is behind.");
    for (WorkerProgress worker : server.workers()) {
      out.line(labelled("staleness", worker), Math.max(0, version - worker.step()));
    }
    out.type("kindling_worker_compute_seconds", "gauge", "Time a worker has computed.");
    for (WorkerProgress worker : server.workers()) {
      out.line(labelled("compute_seconds", worker), worker.computeNanos() * 1e-9);
    }
    out.type("kindling_worker_exchange_seconds", "gauge", "Time a worker has waited for values.");
    for (WorkerProgress worker : server.workers()) {
      out.line(labelled("exchange_seconds", worker), worker.exchangeNanos() * 1e-9);
    }
    return text.toString();
  }

  private void histogram(PrometheusText out) {
    out.type("kindling_step_seconds", "histogram", "Time from one version to the next.");
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += counts.get(i);
      String bound = i < BOUNDS.length ? PrometheusText.number(BOUNDS[i]) : "+Inf";
      out.line("kindling_step_seconds_bucket{le=\"%s\"}".formatted(bound), sum);
    }
    out.line("kindling_step_seconds_sum", nanos.sum() * 1e-9);
    out.line("kindling_step_seconds_count", sum);
  }

  private static String labelled(String name, WorkerProgress of) {
    String worker =
        of.worker().name().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "kindling_worker_%s{worker=\"%s\"}".formatted(name, worker);
  }
}
