package dev.kindling.spark.job;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.spark.job.ServerOptions.Placement;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ValueHistogram;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the shards of a run from the driver: takes times, turns versions into epochs and tells
 * the listeners, on a thread of its own. Thread-safe.
 */
final class RunMonitor implements ShardListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);
  private static final long PROGRESS_MILLIS = 200;

  /** So many events may wait for the listeners; then the run waits for them. */
  private static final long WORD_SECONDS = 10;

  private static final int BACKLOG = 64;

  private final RunPlan run;
  private final FlatUpdate rule;
  private final Placement placement;
  private final List<TrainingListener> listeners;
  private final BestSoFar best;
  private final EpochClock clock = new EpochClock();
  private final ScheduledExecutorService events =
      Executors.newSingleThreadScheduledExecutor(RunMonitor::daemon);
  private final Semaphore backlog = new Semaphore(BACKLOG);
  private final CompletableFuture<TrainingException> fatal = new CompletableFuture<>();
  private final AtomicReference<RuntimeException> broken = new AtomicReference<>();
  private volatile RunServer server;
  private volatile double trainSeconds;

  /** Steps whose gradient was not applied, as far as that was said. */
  private volatile long unapplied;

  /** Of the newest version: it moves when the epoch's metric is known, before that is told of. */
  private volatile double observedFactor;

  private volatile long lostAt;
  private volatile long recoveringSince;

  RunMonitor(RunPlan run, Placement placement, List<TrainingListener> listeners) {
    this.run = run;
    this.rule = run.training().update(run.rows());
    this.placement = placement;
    this.best = new BestSoFar(run.stopping());
    this.listeners = List.copyOf(listeners);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "kindling-monitor");
    thread.setDaemon(true);
    return thread;
  }

  /** Begins to report on the server's run. */
  void watch(RunServer watched, int workers) {
    server = watched;
    observedFactor = watched.observedFactor();
    long step = watched.version();
    tell(listener -> listener.started(run, workers, step));
    events.scheduleWithFixedDelay(
        this::progress, PROGRESS_MILLIS, PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void progress() {
    long step = server.version();
    Progress progress =
        new Progress(
            step,
            server.metrics(step),
            clock.seconds(),
            lr(step),
            server.workers(),
            server.shardProgress(),
            where());
    notifyAll(listener -> listener.progressed(progress));
  }

  /** The learning rate of the step that has made a version. */
  private double lr(long version) {
    return rule.lr(Math.max(0, version - 1)) * observedFactor;
  }

  private String where() {
    if (placement == Placement.DRIVER) {
      return "driver";
    }
    List<Address> addresses = server.location().addresses();
    String what = placement == Placement.EXECUTORS ? "executor" : "server";
    return "%s at %s"
        .formatted(
            addresses.size() > 1 ? what + "s" : what,
            addresses.stream().map(Address::toString).collect(Collectors.joining(", ")));
  }

  /**
   * Hands an event over. Epochs of a few microseconds would outrun any file: without the wait, an
   * interrupted run went on for a minute to write of epochs long past.
   */
  private void tell(Consumer<TrainingListener> event) {
    backlog.acquireUninterruptibly();
    events.execute(
        () -> {
          try {
            notifyAll(event);
          } finally {
            backlog.release();
          }
        });
  }

  /** A listener that fails stops the run: its file or screen is part of what was asked for. */
  private void notifyAll(Consumer<TrainingListener> event) {
    try {
      listeners.forEach(event);
    } catch (RuntimeException e) {
      if (broken.compareAndSet(null, e)) {
        server.abort("a listener failed: " + e.getMessage());
      }
    }
  }

  @Override
  public void began(int incarnation) {
    clock.interrupted();
    recoveringSince = lostAt;
  }

  @Override
  public void joined(Worker worker) {
    clock.joined();
  }

  @Override
  public void completed(long version) {
    RunServer watched = server;
    if (watched != null) { // else the workers have not been started
      observedFactor = watched.observedFactor();
    }
    if (recoveringSince != 0) {
      recovered(version);
    }
    if (run.endsEpoch(version)) {
      trainSeconds = clock.ended();
    } else if (run.evaluates(version)) {
      clock.pause();
    } else {
      clock.stepped();
    }
  }

  /** The evaluation of a version is complete; the workers wait for it still. */
  @Override
  public void reduced(long version, double[] vector) {
    if (version == SliceChecks.KEY) {
      return;
    }
    TestSums test = TestSums.of(run, vector);
    EarlyStopping.State state = best.evaluated(version, test, server::evaluated);
    boolean isOver = run.stopping().isOver(state);
    MetricSums train = server.metrics(version);
    if (run.endsEpoch(version)) {
      endEpoch(version, train, test);
    } else if (isOver) {
      trainSeconds = clock.ended();
      endEpoch(version, train, test);
    } else {
      EvaluationResult result = new EvaluationResult(version, train, test.sums(), test.named());
      tell(listener -> listener.evaluated(result));
      clock.goOn();
    }
    if (isOver) {
      tell(listener -> listener.stoppedEarly(run.stopping(), state.best(), state.bestStep()));
    }
  }

  private void endEpoch(long version, MetricSums train, TestSums test) {
    int epoch = run.epochOf(version);
    EpochResult result =
        new EpochResult(
            epoch,
            version,
            train,
            test.sums(),
            trainSeconds,
            lr(version),
            test.split(),
            test.named(),
            noiseScale(test));
    tell(listener -> listener.epochEnded(result));
    if (run.histograms()) {
      tellHistograms(version, test.gradients());
    }
    warnOfUnapplied(epoch);
    clock.began();
    if (!Double.isFinite(train.loss())) {
      stop(
          TrainingException.Kind.DIVERGED,
          "the loss of epoch %d is %s; lower optimizer.lr, or look at the data"
              .formatted(epoch, train.loss()));
    }
  }

  private void warnOfUnapplied(int epoch) {
    long skipped = server.skipped();
    long rolledBack = server.rolledBack();
    if (skipped + rolledBack > unapplied) {
      LOG.warn(
          "epoch {}: gradients of {} steps so far were not finite and were not applied: {} steps were"
              + " skipped, {} went back to an earlier version",
          epoch,
          skipped + rolledBack,
          skipped,
          rolledBack);
    }
    unapplied = skipped + rolledBack; // shards that were brought back count anew
  }

  /** From the replicas within the workers if they have several, else from what they push. */
  private double noiseScale(TestSums test) {
    double ofWorkers = test.noise().scale();
    return Double.isNaN(ofWorkers) ? server.noise().scale() : ofWorkers;
  }

  private void tellHistograms(long version, double[] numbers) {
    FlatLayout layout = run.training().layout();
    Histograms values = new Histograms(layout);
    values.add(server.evaluated(), 0, layout.length(), 1);
    Map<String, ValueHistogram> weights = values.byName();
    Map<String, ValueHistogram> gradients = new Histograms(layout, numbers).byName();
    tell(listener -> listener.histograms(version, weights, gradients));
  }

  @Override
  public void failed(Worker worker, String message) {
    stop(TrainingException.Kind.WORKER, message);
  }

  /** Shards in the driver have written it to the driver's log themselves. */
  @Override
  public void slow(Worker worker, String warning) {
    if (placement != Placement.DRIVER) {
      LOG.warn("{}", warning);
    }
  }

  /** The shards refuse a gradient that is not finite: the same would come again. */
  @Override
  public void aborted(ParameterServerException cause) {
    if (cause.reason() == Reason.DIVERGED) {
      fatal.complete(
          new TrainingException(TrainingException.Kind.DIVERGED, cause.getMessage(), cause));
    } else if (cause.reason() == Reason.UNREACHABLE) { // a standalone server is gone
      fatal.complete(
          new TrainingException(TrainingException.Kind.CLUSTER, cause.getMessage(), cause));
    }
  }

  private void stop(TrainingException.Kind kind, String message) {
    if (fatal.complete(new TrainingException(kind, message, null))) {
      server.abort(message);
    }
  }

  /** Workers are gone; to be said as soon as it is known. */
  void lost() {
    lostAt = System.nanoTime();
  }

  private void recovered(long version) {
    double seconds = (System.nanoTime() - recoveringSince) * 1e-9;
    recoveringSince = 0;
    lostAt = 0;
    tell(listener -> listener.recovered(version, seconds));
  }

  void restarted(int restarts, int workers, String reason) {
    tell(listener -> listener.restarted(restarts, workers, reason));
  }

  void checkpointFailed(Exception cause) {
    tell(listener -> listener.checkpointFailed(String.valueOf(cause.getMessage())));
  }

  @Override
  public void checkpointed(long step) {
    tell(listener -> listener.checkpointWritten(step));
  }

  void ended(String outcome) {
    tell(listener -> listener.ended(outcome));
  }

  /** The best epoch so far. */
  BestSoFar best() {
    return best;
  }

  /** What starting the workers again would not mend. */
  Optional<TrainingException> fatal() {
    return Optional.ofNullable(fatal.getNow(null));
  }

  /**
   * The same where a worker was told by the parameter server why it had to end, or has told the
   * server why it ends: the driver is told too, on a connection of its own, perhaps a little later.
   */
  Optional<TrainingException> awaitFatal() throws InterruptedException {
    try {
      return Optional.of(fatal.get(WORD_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // it is never completed so
    }
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
