package dev.kindling.ps.shard;

import dev.kindling.ps.sync.GradientSum;
import java.util.ArrayDeque;

/** Arrays of one bucket's size that come back when their step is applied. Thread-safe. */
public final class FloatPool implements GradientSum.Lender {
  private final int size;
  private final ArrayDeque<float[]> free = new ArrayDeque<>();

  /** Arrays of that many elements. */
  public FloatPool(int size) {
    this.size = size;
  }

  /** An array; its content is arbitrary. */
  public synchronized float[] take() {
    float[] array = free.pollLast();
    return array == null ? new float[size] : array;
  }

  @Override
  public synchronized void release(float[] array) {
    free.addLast(array);
  }
}
