package dev.kindling.ps.server;

import dev.kindling.train.MetricSums;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts together what the servers of a run tell of each evaluated version; a server's standby may
 * tell the same. Not thread-safe but for {@link #told}.
 */
final class Evaluations {
  private final int servers;
  private final Listener listener;
  private final Map<Long, Told> open = new TreeMap<>();
  private volatile Told told;

  /** Told of each version once. */
  interface Listener {
    void evaluated(long version, double[] sums);
  }

  /**
   * An evaluated version.
   *
   * @param metrics of the training rows, from all servers
   * @param values the vector as each server has it; null where nobody wants them
   * @param isTold which servers have told
   */
  record Told(long version, MetricSums metrics, float[][] values, boolean[] isTold) {
    private boolean isWhole() {
      boolean all = true;
      for (boolean one : isTold) {
        all &= one;
      }
      return all;
    }
  }

  Evaluations(int servers, Listener listener) {
    this.servers = servers;
    this.listener = listener;
    told = none(-1);
  }

  private Told none(long version) {
    return new Told(version, new MetricSums(0, 0, 0), new float[servers][], new boolean[servers]);
  }

  /** The newest one. */
  Told told() {
    return told;
  }

  /** A server tells of its share. */
  void add(int server, long version, double[] sums, MetricSums metrics, float[] values) {
    Told before = open.getOrDefault(version, none(version));
    if (version <= told.version || before.isTold[server]) {
      return;
    }
    before.values[server] = values;
    before.isTold[server] = true;
    Told now = new Told(version, before.metrics.plus(metrics), before.values, before.isTold);
    open.put(version, now);
    if (now.isWhole()) {
      open.remove(version);
      told = now;
      listener.evaluated(version, sums);
    }
  }
}
