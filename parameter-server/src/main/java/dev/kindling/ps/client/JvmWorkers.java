package dev.kindling.ps.client;

import dev.kindling.ps.Worker;
import dev.kindling.train.ReplicaTree.Node;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The workers of one JVM that train together.
 *
 * @param name for messages, e.g. {@code 2 workers (executor 1 on host-7)}
 * @param replicas the logical replicas of each, in any order that is the same for all of them; no
 *     replica is computed twice
 */
public record JvmWorkers(String name, List<Node> replicas) {
  /** Keeps a copy of the list; refuses a replica that two of them compute. */
  public JvmWorkers {
    replicas = List.copyOf(replicas);
    HashSet<Integer> computed = new HashSet<>();
    for (Node range : replicas) {
      IntStream.range(range.lo(), range.hi())
          .filter(replica -> !computed.add(replica))
          .findFirst()
          .ifPresent(
              replica -> {
                throw new IllegalArgumentException(
                    "%s: two of them compute replica %d; a backup does not share connections"
                        .formatted(name, replica));
              });
    }
  }

  /** No other. */
  public static JvmWorkers alone(Worker worker) {
    return new JvmWorkers(worker.name(), List.of(new Node(worker.lo(), worker.hi())));
  }
}
