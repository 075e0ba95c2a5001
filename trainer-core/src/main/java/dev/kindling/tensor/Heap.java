package dev.kindling.tensor;

/** Refuses what cannot fit the heap before memory is taken. */
public final class Heap {
  private static final double GIB = 1 << 30;

  private Heap() {}

  /**
   * Checks that {@code bytes} fit the largest heap this JVM may have.
   *
   * @throws HeapException naming what was wanted, both sizes and the option to set
   */
  public static void require(String what, long bytes) {
    long most = Runtime.getRuntime().maxMemory();
    if (bytes > most) {
      throw new HeapException(
          "%s: %.2f GiB are needed and the heap has at most %.2f; start Java with -Xmx%dg or more"
              .formatted(what, bytes / GIB, most / GIB, (long) Math.ceil(1.25 * bytes / GIB)));
    }
  }
}
