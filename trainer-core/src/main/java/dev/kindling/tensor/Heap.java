package dev.kindling.tensor;

/** Refuses what cannot fit the heap, or one array, before memory is taken. */
public final class Heap {
  /** Elements that a Java array can have. */
  public static final int LONGEST = Integer.MAX_VALUE - 8;

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
      long enough = (long) Math.ceil(1.25 * bytes / GIB);
      throw new HeapException(
          "%s: %.2f GiB are needed and the heap has at most %.2f; start Java with -Xmx%dg or more"
                  .formatted(what, bytes / GIB, most / GIB, enough)
              + " (KINDLING_HEAP=%dg for the kindling command; spark.driver.memory or"
                  .formatted(enough)
              + " spark.executor.memory on a cluster), or make it smaller");
    }
  }

  /**
   * Zeros, as many as the sizes multiplied.
   *
   * @param what they are for, for messages
   * @throws HeapException where they fit no array, or not the heap; before memory is taken
   */
  public static float[] array(String what, int... sizes) {
    long length = 1;
    for (int size : sizes) {
      length = Math.min(length * size, Integer.MAX_VALUE);
    }
    if (length > LONGEST) {
      throw new HeapException(
          "%s: %s are more than the %d elements that an array can have; make the batch or the sequences smaller"
              .formatted(what, Shape.text(sizes), LONGEST));
    }
    require(what + " " + Shape.text(sizes), length * Float.BYTES);
    return new float[(int) length];
  }
}
