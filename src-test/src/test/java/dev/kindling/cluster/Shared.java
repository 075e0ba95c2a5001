package dev.kindling.cluster;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What several test classes use; closed when the last of all tests has ended. */
final class Shared {
  private Shared() {}

  /** Starts something. */
  interface Start<T> {
    T start(String key) throws Exception;
  }

  /** What was started under the key, now or before. */
  static <T extends AutoCloseable> T of(
      ExtensionContext context, String key, Start<T> start, Class<T> type) {
    return context
        .getRoot()
        .getStore(Namespace.create(Shared.class))
        .getOrComputeIfAbsent(key, k -> started(k, start), type);
  }

  private static <T> T started(String key, Start<T> start) {
    try {
      return start.start(key);
    } catch (Exception e) {
      throw new IllegalStateException("cannot start " + key, e);
    }
  }
}
