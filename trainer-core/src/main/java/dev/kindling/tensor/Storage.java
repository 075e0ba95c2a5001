package dev.kindling.tensor;

/**
 * Where a tensor's elements stand: an array and the place of the first element. Views share one
 * storage.
 *
 * <p>A storage can be pointed at another array, and every view moves with it. That is how a
 * captured step reads its parameters from one of two alternating versions, and writes its gradients
 * into the flat vector that travels, without a copy. Not thread-safe.
 */
public final class Storage {
  private float[] array;
  private int base;
  private boolean isShared;

  /** A storage over {@code array}, first element at {@code base}. */
  public Storage(float[] array, int base) {
    this.array = array;
    this.base = base;
  }

  /**
   * A new array of zeros for a shape.
   *
   * @throws HeapException where it cannot fit the heap, before memory is taken
   */
  public static Storage zeros(Shape shape) {
    Heap.require("a tensor " + shape, (long) Float.BYTES * shape.elements());
    return new Storage(new float[shape.elements()], 0);
  }

  /** Moves this storage, and every view of it, to another place. */
  public void point(float[] array, int base) {
    this.array = array;
    this.base = base;
  }

  /** Moves this storage to an array that other results use too, before or after it. */
  public void share(float[] array) {
    point(array, 0);
    isShared = true;
  }

  /** Whether other results use the same array, so that elements last only inside a plan's run. */
  public boolean isShared() {
    return isShared;
  }

  /** The array, shared, not a copy. */
  public float[] array() {
    return array;
  }

  /** The place of the first element in {@link #array()}. */
  public int base() {
    return base;
  }
}
