package dev.kindling.ps.client;

import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.Waiter;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.train.ReplicaTree.Node;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that workers of this JVM share. The tasks of an executor are deserialised copies
 * that share nothing but static fields, so this one map is static; connections enter with their
 * first worker and are closed with the last. Thread-safe.
 */
final class JvmConnections {
  private static final Map<Key, WorkerConnections> SHARED = new ConcurrentHashMap<>();

  private JvmConnections() {}

  /**
   * Workers that train together.
   *
   * @param run the run's id
   * @param servers where its shards are
   * @param incarnation the workers'
   * @param replicas those of each of the workers
   */
  record Key(String run, List<Address> servers, int incarnation, List<Node> replicas) {}

  static Key key(ServerLocation location, Worker worker, List<Node> replicas) {
    return new Key(location.run(), location.addresses(), worker.incarnation(), replicas);
  }

  /**
   * The connections of those workers, which a waiter has entered.
   *
   * @param name what the servers know the workers as
   */
  static WorkerConnections enter(Key key, String name, ServerLocation location, Waiter waiter) {
    int lo = key.replicas.stream().mapToInt(Node::lo).min().orElseThrow();
    int hi = key.replicas.stream().mapToInt(Node::hi).max().orElseThrow();
    return SHARED.compute(
        key,
        (k, there) -> {
          WorkerConnections connections =
              there == null
                  ? new WorkerConnections(
                      location,
                      new Worker(name, lo, hi, key.incarnation),
                      key.replicas,
                      SocketOptions.defaults())
                  : there;
          connections.enter(waiter);
          return connections;
        });
  }

  /** A worker leaves; returns whether it was the last, who is to close them. */
  static boolean leave(Key key, Waiter waiter) {
    return SHARED.computeIfPresent(key, (k, there) -> there.leave(waiter) ? null : there) == null;
  }
}
