package dev.kindling.spark.job;

import dev.kindling.ps.Worker;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.train.MetricSums;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Watches the shards of a run from the driver: takes times, turns versions into epochs and tells
 * the listeners, on a thread of its own. Thread-safe.
 */
final class RunMonitor implements ShardListener, AutoCloseable {
  private static final long PROGRESS_MILLIS = 200;

  private final RunPlan run;
  private final List<TrainingListener> listeners;
  private final ScheduledExecutorService events =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task));
  private final AtomicReference<String> fatal = new AtomicReference<>();
  private final AtomicReference<RuntimeException> broken = new AtomicReference<>();
  private volatile ParameterServer server;
  private volatile long epochStart = System.nanoTime();
  private volatile double trainSeconds;

  RunMonitor(RunPlan run, List<TrainingListener> listeners) {
    this.run = run;
    this.listeners = List.copyOf(listeners);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "kindling-monitor");
    thread.setDaemon(true);
    return thread;
  }

  /** Begins to report on the server's run. */
  void watch(ParameterServer watched) {
    server = watched;
    events.scheduleWithFixedDelay(
        this::progress, PROGRESS_MILLIS, PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void progress() {
    long version = server.version();
    MetricSums sums = server.metrics(version);
    double seconds = (System.nanoTime() - epochStart) * 1e-9;
    tell(listener -> listener.progressed(version, sums, seconds));
  }

  private interface Event {
    void tell(TrainingListener listener);
  }

  /** A listener that fails stops the run: its file or screen is part of what was asked for. */
  private void tell(Event event) {
    try {
      listeners.forEach(event::tell);
    } catch (RuntimeException e) {
      if (broken.compareAndSet(null, e)) {
        server.abort("a listener failed: " + e.getMessage());
      }
    }
  }

  @Override
  public void joined(Worker worker) {
    if (server != null && server.version() == 0) {
      epochStart = System.nanoTime(); // the first step begins when the last worker is there
    }
  }

  @Override
  public void completed(long version) {
    if (run.endsEpoch(version)) {
      trainSeconds = (System.nanoTime() - epochStart) * 1e-9;
    }
  }

  /** The evaluation of an epoch's version is complete; the workers wait for it still. */
  @Override
  public void reduced(long version, double[] sums) {
    MetricSums test = new MetricSums(sums[0], sums[1], sums[2]);
    int epoch = (int) (version / run.stepsPerEpoch());
    EpochResult result =
        new EpochResult(epoch, version, server.metrics(version), test, trainSeconds);
    float[] values = server.values();
    events.execute(() -> tell(listener -> listener.epochEnded(result, values)));
    epochStart = System.nanoTime();
    if (!Double.isFinite(result.train().loss())) {
      failed(null, "the loss of epoch %d is %s".formatted(epoch, result.train().loss()));
    }
  }

  @Override
  public void failed(Worker worker, String message) {
    if (fatal.compareAndSet(null, message)) {
      server.abort(message);
    }
  }

  void restarted(int restarts, String reason) {
    events.execute(() -> tell(listener -> listener.restarted(restarts, reason)));
  }

  void started(int workers) {
    events.execute(() -> tell(listener -> listener.started(run, workers)));
  }

  /** What a worker reported that starting it again would not mend. */
  Optional<String> fatal() {
    return Optional.ofNullable(fatal.get());
  }

  /** Waits until every listener has been told everything; throws what one of them threw. */
  @Override
  public void close() {
    events.shutdown();
    try {
      events.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (broken.get() != null) {
      throw broken.get();
    }
  }
}
