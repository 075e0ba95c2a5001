package dev.kindling.ps.transport;

import dev.kindling.ps.shard.ShardGroup;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The servers of this JVM, by a random name. In Spark's local mode a task is a deserialised copy
 * that shares nothing with the driver but static fields, so this one map is static; a server enters
 * when it starts and is removed when it closes. Thread-safe.
 */
public final class JvmServers {
  private static final Map<String, ShardGroup> SERVERS = new ConcurrentHashMap<>();

  private JvmServers() {}

  /** Enters shards under a new name. */
  public static String enter(ShardGroup shards) {
    String name = UUID.randomUUID().toString();
    SERVERS.put(name, shards);
    return name;
  }

  /** Removes a name. */
  public static void leave(String name) {
    SERVERS.remove(name);
  }

  /** The shards of that name, if they are in this JVM. */
  public static Optional<ShardGroup> find(String name) {
    return Optional.ofNullable(SERVERS.get(name));
  }
}
