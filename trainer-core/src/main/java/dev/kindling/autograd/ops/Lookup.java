package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[..., :] = table[x[...], :]}: rows of a table by numbers that are data. Shapes [rows, n]
 * and [...] -> [..., n].
 */
public final class Lookup extends Op {
  private Lookup(Tensor table, Tensor index) {
    super(table, index);
  }

  /** The rows that {@code index}, whole numbers in [0, rows), names. */
  public static Tensor of(Tensor table, Tensor index) {
    Shape shape = index.shape().insert(index.shape().rank(), table.size(1));
    return new Lookup(table.contiguous(), index.contiguous()).apply(shape);
  }

  @Override
  protected void run() {
    Tensor table = input(0);
    Tensor index = input(1);
    int length = table.size(1);
    for (int i = 0; i < index.shape().elements(); i++) {
      int from = table.offset() + row(index, i, table.size(0)) * length;
      System.arraycopy(
          table.array(), from, output().array(), output().offset() + i * length, length);
    }
  }

  static int row(Tensor index, int i, int rows) {
    float number = index.array()[index.offset() + i];
    int row = (int) number;
    if (row != number || row < 0 || row >= rows) {
      throw new IndexOutOfBoundsException(
          "embedding: symbol %s at place %d; the table has the rows 0 to %d: is the data normalised, or the table too small?"
              .formatted(number, i, rows - 1));
    }
    return row;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return input == 0 ? new Collect(g.contiguous(), input(1)).apply(input(0).shape()) : null;
  }

  /** {@code table[x[i], :] += g[i, :]}, in the order of i. */
  private static final class Collect extends Op {
    Collect(Tensor rows, Tensor index) {
      super(rows, index);
    }

    @Override
    protected void run() {
      Strided.fill(output(), 0);
      Tensor rows = input(0);
      Tensor index = input(1);
      int length = output().size(1);
      float[] sums = output().array();
      for (int i = 0; i < index.shape().elements(); i++) {
        int from = rows.offset() + i * length;
        int to = output().offset() + row(index, i, output().size(0)) * length;
        for (int j = 0; j < length; j++) {
          sums[to + j] += rows.array()[from + j];
        }
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? of(g, input(1)) : null;
    }

    @Override
    public String name() {
      return "LookupGradient";
    }
  }
}
