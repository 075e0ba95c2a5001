package dev.kindling.spark.config;

import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * {@code servers.policy}: {@code synchronous} (default), {@code backup} with {@code
 * servers.backups} (1 by default), {@code bounded_staleness} with {@code servers.staleness} (1 by
 * default), {@code asynchronous}.
 */
final class ServerPolicy {
  private static final String SYNCHRONOUS = "synchronous";
  private static final String BACKUP = "backup";
  private static final String STALE = "bounded_staleness";
  private static final String ASYNCHRONOUS = "asynchronous";
  private static final List<String> NAMES = List.of(SYNCHRONOUS, BACKUP, STALE, ASYNCHRONOUS);

  private ServerPolicy() {}

  static Policy of(Section section) {
    String name = section.choice("policy", SYNCHRONOUS, NAMES);
    OptionalInt backups = settingOf(section, "backups", 1, BACKUP, name);
    OptionalInt staleness = settingOf(section, "staleness", 0, STALE, name);
    return switch (name) {
      case BACKUP -> new Synchronous(backups.orElse(1));
      case STALE -> new BoundedStaleness(staleness.orElse(1));
      case ASYNCHRONOUS -> new Asynchronous();
      default -> new Synchronous();
    };
  }

  /** A setting of one policy alone. */
  private static OptionalInt settingOf(
      Section section, String key, int least, String policy, String chosen) {
    OptionalInt value = section.atLeast(least, key);
    if (value.isPresent() && !policy.equals(chosen)) {
      throw new ConfigException(
          "servers.%s is set, but servers.policy is %s; set servers.policy to %s, or leave servers.%s out"
              .formatted(key, chosen, policy, key));
    }
    return value;
  }

  static Map<String, Object> written(Policy policy) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (policy instanceof BoundedStaleness stale) {
      map.put("policy", STALE);
      map.put("staleness", stale.bound());
    } else if (policy.backups() > 0) {
      map.put("policy", BACKUP);
      map.put("backups", policy.backups());
    } else {
      map.put("policy", policy instanceof Asynchronous ? ASYNCHRONOUS : SYNCHRONOUS);
    }
    return map;
  }
}
