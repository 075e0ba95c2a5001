package dev.kindling.nn;

import dev.kindling.autograd.ops.RowLookup;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * The rows of a sparse {@link Embedding}: read from whoever keeps the table, and the gradients that
 * came back since they were fetched. Not thread-safe.
 */
public final class EmbeddingRows implements RowLookup.Rows {
  private final Tensor anchor = Tensor.zeros(Shape.of()).requiresGrad();
  private BiConsumer<long[], float[]> source;
  private long[] keys = {};
  private float[] gradients = {};

  /** Stands for the table among what gradients are taken of. */
  public Tensor anchor() {
    return anchor;
  }

  /** Whether there is a table to read from. */
  boolean isConnected() {
    return source != null;
  }

  /** Rows are read from here, by ascending keys, from now on; null for nowhere. */
  public void readFrom(BiConsumer<long[], float[]> table) {
    source = table;
  }

  @Override
  public void read(long[] wanted, float[] into) {
    if (source == null) {
      throw new IllegalStateException(
          "Embedding with sparse: its rows are in a table that is not connected; train it, or read its rows from a model file; or set sparse to false");
    }
    source.accept(wanted, into);
  }

  @Override
  public void take(long[] of, float[] rows) {
    int before = keys.length;
    int floats = gradients.length;
    keys = Arrays.copyOf(keys, before + of.length);
    gradients = Arrays.copyOf(gradients, floats + rows.length);
    System.arraycopy(of, 0, keys, before, of.length);
    System.arraycopy(rows, 0, gradients, floats, rows.length);
  }

  /** The keys of all gradients, in the order in which they came. */
  public long[] keys() {
    return keys;
  }

  /** The gradients, one row after the other. */
  public float[] gradients() {
    return gradients;
  }

  /** Forgets the gradients. */
  public void clear() {
    keys = new long[0];
    gradients = new float[0];
  }
}
