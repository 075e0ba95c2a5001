package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardListener;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What can be read from outside about a run, in Prometheus's text format. To be told of versions as
 * a listener of the server it describes. Thread-safe.
 */
public final class RunMetrics implements ShardListener {
  private final LongSupplier nanoTime;
  private final Histogram steps =
      Histogram.ofTimes("kindling_step_seconds", "Time from one version to the next.");
  private final Histogram answers =
      Histogram.ofTimes(
          "kindling_push_to_values_seconds",
          "Time from a push's arrival on a connection to the new values' departure.");
  private final Histogram staleness =
      Histogram.ofCounts(
          "kindling_push_staleness",
          "Versions between the values a gradient was computed with and those it is applied to.");
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
    steps.add(spent);
  }

  @Override
  public void answered(long nanos) {
    answers.add(nanos);
  }

  @Override
  public void pushed(long versions) {
    staleness.add(versions);
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
    steps.write(out);
    answers.write(out);
    staleness.write(out);
    out.gauge(
        "kindling_waiting_gradients",
        "Gradients of buckets, one for each replica, that have come and are not applied.",
        server.shards().waitingGradients());
    out.type("kindling_worker_behind", "gauge", "Versions a worker's last report is behind.");
    for (WorkerProgress worker : server.workers()) {
      out.line(labelled("behind", worker), Math.max(0, version - worker.step()));
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

  private static String labelled(String name, WorkerProgress of) {
    String worker =
        of.worker().name().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "kindling_worker_%s{worker=\"%s\"}".formatted(name, worker);
  }
}
