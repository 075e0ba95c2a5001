package dev.kindling.ps.client;

import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Reduce;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.train.ReplicaTree.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sums over all replicas that the workers of a JVM have asked for. Every server adds each up, and
 * each has to know the result before it is one. Not thread-safe.
 */
final class OpenReductions {
  private final int servers;
  private final int workers;
  private final Map<Long, Reduction> open = new LinkedHashMap<>();

  private static final class Reduction {
    private final Map<Node, double[]> nodes = new LinkedHashMap<>();
    private final boolean[] isKnown;
    private int missing;
    private int reads;
    private double[] result;

    Reduction(int servers) {
      isKnown = new boolean[servers];
      missing = servers;
    }
  }

  OpenReductions(int servers, int workers) {
    this.servers = servers;
    this.workers = workers;
  }

  /** Takes the vectors of some nodes. */
  void add(long key, Map<Node, double[]> sums) {
    open.computeIfAbsent(key, k -> new Reduction(servers)).nodes.putAll(sums);
  }

  /** Hands out what one server has not answered. */
  void unanswered(int server, int term, Consumer<Message> outbox) {
    for (long key : open.keySet()) {
      send(key, open.get(key).nodes, server, term, outbox);
    }
  }

  /** Hands out vectors of some nodes, unless the server has answered without them. */
  void send(long key, Map<Node, double[]> nodes, int server, int term, Consumer<Message> outbox) {
    if (!open.get(key).isKnown[server]) {
      nodes.forEach(
          (node, sums) -> outbox.accept(new Reduce(term, key, node.lo(), node.hi(), sums)));
    }
  }

  /** Takes a server's answer. */
  void answered(int server, Reduced answer) {
    Reduction reduction = open.get(answer.key());
    if (reduction != null && !reduction.isKnown[server]) {
      reduction.isKnown[server] = true;
      reduction.missing--;
      if (reduction.missing == 0) {
        reduction.result = answer.vector();
      }
    }
  }

  /** Whether a sum is finished. */
  boolean isFinished(long key) {
    Reduction reduction = open.get(key);
    return reduction != null && reduction.result != null;
  }

  /** A finished sum, to be taken once by each worker. */
  double[] take(long key) {
    Reduction reduction = open.get(key);
    if (++reduction.reads == workers) {
      open.remove(key);
    }
    return reduction.result.clone();
  }

  /** Forgets all of them: the workers begin anew. */
  void forget() {
    open.clear();
  }
}
