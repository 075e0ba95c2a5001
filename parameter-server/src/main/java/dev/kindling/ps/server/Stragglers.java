package dev.kindling.ps.server;

import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardGroup;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the worker that the others wait for, once a start of the workers. For one thread.
 *
 * <p>A slow one by its reports: all workers of a start compute the same steps, so the times that
 * they have spent computing a replica can be compared. A stuck one by its silence: it reports
 * nothing, but the open step lacks its gradient alone.
 */
final class Stragglers {
  private static final Logger LOG = LoggerFactory.getLogger(Stragglers.class);
  private static final long SECOND = 1_000_000_000L;
  private static final double SLOW = 2;
  private static final long AT_LEAST_NANOS = 5 * SECOND;

  /** The first step of a start may take long: data are read, code is compiled. */
  private static final long AT_FIRST_NANOS = 30 * SECOND;

  /** So many times the longest wait of before. */
  private static final int STUCK = 3;

  private static final Comparator<WorkerProgress> BY_PROGRESS =
      Comparator.comparingLong(WorkerProgress::step)
          .thenComparingLong(WorkerProgress::lastHeardNanos);

  private final Set<Worker> slow = new HashSet<>();
  private final Set<Worker> stuck = new HashSet<>();
  private int start;
  private long version;
  private boolean isWaiting;
  private long waitingSince;
  private long longestWait;
  private long looked;

  /** What is known of a worker that the others wait for. */
  record Warning(Worker worker, String text) {}

  /** Looks once a second, and gives the warnings. */
  void watch(ShardGroup shards, long now) {
    if (now - looked >= SECOND) {
      looked = now;
      List<WorkerProgress> workers = shards.workers();
      slow(workers).ifPresent(warning -> give(shards, warning));
      stuck(shards.version(), shards.firstVersion(), workers, shards::awaits, now)
          .ifPresent(warning -> give(shards, warning));
    }
  }

  private static void give(ShardGroup shards, Warning warning) {
    LOG.warn("{}", warning.text);
    shards.slow(warning.worker, warning.text);
  }

  /** The worker that has computed twice as long for each replica as the middle one. */
  Optional<Warning> slow(List<WorkerProgress> workers) {
    List<WorkerProgress> byTime =
        workers.stream().sorted(Comparator.comparingDouble(Stragglers::nanosOfAReplica)).toList();
    if (byTime.size() < 2) {
      return Optional.empty();
    }
    WorkerProgress slowest = byTime.get(byTime.size() - 1);
    double middle = nanosOfAReplica(byTime.get((byTime.size() - 1) / 2));
    double more = (nanosOfAReplica(slowest) - middle) * replicas(slowest.worker());
    boolean isSlow =
        nanosOfAReplica(slowest) > SLOW * middle
            && more > AT_LEAST_NANOS
            && slow.add(slowest.worker());
    return isSlow ? Optional.of(slow(slowest, middle)) : Optional.empty();
  }

  private static int replicas(Worker worker) {
    return worker.hi() - worker.lo();
  }

  private static double nanosOfAReplica(WorkerProgress of) {
    return (double) of.computeNanos() / replicas(of.worker());
  }

  private static Warning slow(WorkerProgress slowest, double middle) {
    return new Warning(
        slowest.worker(),
        ("%s is slow: at step %d it has computed for %.1f s a replica, the middle one of the"
                + " workers for %.1f s; the others wait for it: is its machine busy, or smaller"
                + " than the others?")
            .formatted(
                slowest.worker(),
                slowest.step(),
                nanosOfAReplica(slowest) / SECOND,
                middle / SECOND));
  }

  /**
   * The worker whose gradient the open step lacks, though others have brought theirs, for three
   * times as long as they have ever waited before. Of several, the one that was at an earlier step
   * and silent for longer: those of one process push together, and one holds the others up.
   *
   * @param of the run's version
   * @param first its version when this start of the workers began
   * @param isAwaited whether the version after {@code of} lacks a worker's gradient
   * @param now by the clock of the reports
   */
  Optional<Warning> stuck(
      long of, long first, List<WorkerProgress> workers, Predicate<Worker> isAwaited, long now) {
    if (workers.isEmpty() || hasMoved(of, workers.get(0).worker().incarnation(), now)) {
      return Optional.empty();
    }
    List<WorkerProgress> awaited =
        workers.stream().filter(one -> isAwaited.test(one.worker())).sorted(BY_PROGRESS).toList();
    boolean wasWaiting = isWaiting;
    isWaiting = !awaited.isEmpty() && awaited.size() < workers.size();
    if (!isWaiting || !wasWaiting) {
      waitingSince = now;
    }
    long waited = now - waitingSince;
    return waited < patience(of > first)
        ? Optional.empty()
        : awaited.stream()
            .filter(one -> stuck.add(one.worker()))
            .findFirst()
            .map(one -> stuck(one, waited, workers.size() - awaited.size(), now));
  }

  private long patience(boolean hasStepped) {
    return Math.max(hasStepped ? AT_LEAST_NANOS : AT_FIRST_NANOS, STUCK * longestWait);
  }

  /** Takes note of where the run is; returns whether it has gone on since the last look. */
  private boolean hasMoved(long of, int incarnation, long now) {
    boolean isNewStart = incarnation != start;
    boolean hasMoved = isNewStart || of != version;
    if (isNewStart) {
      start = incarnation;
      longestWait = 0;
    } else if (hasMoved && isWaiting) {
      longestWait = Math.max(longestWait, now - waitingSince);
    }
    version = of;
    isWaiting &= !hasMoved;
    return hasMoved;
  }

  private Warning stuck(WorkerProgress of, long waited, int others, long now) {
    return new Warning(
        of.worker(),
        ("%s does not come on: for %.0f s its gradient of step %d has been missing, while %d of the"
                + " others wait for it; its last report came %.0f s ago: is its machine or its"
                + " process stopped, or does a step of it never end?")
            .formatted(
                of.worker(),
                (double) waited / SECOND,
                version,
                others,
                (double) (now - of.lastHeardNanos()) / SECOND));
  }
}
