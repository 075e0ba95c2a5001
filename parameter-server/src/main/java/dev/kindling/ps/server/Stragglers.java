package dev.kindling.ps.server;

import dev.kindling.ps.WorkerProgress;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the worker that the others wait for. All workers of a start compute the same steps, so the
 * times that they have spent computing can be compared: one that needs twice as long as the middle
 * one is named once. For one thread.
 */
final class Stragglers {
  private static final Logger LOG = LoggerFactory.getLogger(Stragglers.class);
  private static final double SLOW = 2;
  private static final long AT_LEAST_NANOS = 5_000_000_000L;

  private final Set<String> named = new HashSet<>();

  /** The warning that these reports call for, if there is one that was not given before. */
  Optional<String> warning(List<WorkerProgress> workers) {
    List<WorkerProgress> byTime =
        workers.stream().sorted(Comparator.comparingLong(WorkerProgress::computeNanos)).toList();
    if (byTime.size() < 2) {
      return Optional.empty();
    }
    WorkerProgress slowest = byTime.get(byTime.size() - 1);
    long middle = byTime.get((byTime.size() - 1) / 2).computeNanos();
    boolean slow =
        slowest.computeNanos() > SLOW * middle
            && slowest.computeNanos() - middle > AT_LEAST_NANOS
            && named.add(slowest.worker().toString());
    return slow ? Optional.of(text(slowest, middle)) : Optional.empty();
  }

  private static String text(WorkerProgress slowest, long middle) {
    return ("%s is slow: at step %d it has computed for %.1f s, the middle one of the workers for"
            + " %.1f s; the others wait for it: is its machine busy, or smaller than the others?")
        .formatted(slowest.worker(), slowest.step(), slowest.computeNanos() * 1e-9, middle * 1e-9);
  }

  /** Gives the warning. */
  void watch(List<WorkerProgress> workers) {
    warning(workers).ifPresent(LOG::warn);
  }
}
