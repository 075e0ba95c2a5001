package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * {@code y[..., :] = table[x[...], :]} for a table that is kept elsewhere: each run asks for the
 * rows that its index names, and the run of the gradient hands over theirs. Shape [...] -> [...,
 * n].
 */
public final class RowLookup extends Op {
  private final Rows rows;
  private final int num;

  /** Where rows come from, and where their gradients go. */
  public interface Rows {
    /** Reads the rows of ascending keys, each once, one row after the other. */
    void read(long[] keys, float[] into);

    /** Takes gradients of rows; keys in any order and more than once. */
    void take(long[] keys, float[] gradients);
  }

  private RowLookup(Rows rows, int num, Tensor anchor, Tensor index) {
    super(anchor, index);
    this.rows = rows;
    this.num = num;
  }

  /**
   * The rows that {@code index}, whole numbers in [0, num), names.
   *
   * @param anchor a scalar that asks for a gradient in the place of the table; its own is zero
   * @param width elements of a row
   */
  public static Tensor of(Rows rows, int num, int width, Tensor anchor, Tensor index) {
    Shape shape = index.shape().insert(index.shape().rank(), width);
    return new RowLookup(rows, num, anchor, index.contiguous()).apply(shape);
  }

  @Override
  protected void run() {
    long[] keys = keys(input(1), num);
    long[] distinct = Arrays.stream(keys).sorted().distinct().toArray();
    int width = width(output());
    float[] read = new float[distinct.length * width];
    rows.read(distinct, read);
    for (int i = 0; i < keys.length; i++) {
      int from = Arrays.binarySearch(distinct, keys[i]) * width;
      System.arraycopy(read, from, output().array(), output().offset() + i * width, width);
    }
  }

  private static int width(Tensor rows) {
    return rows.size(rows.shape().rank() - 1);
  }

  private static long[] keys(Tensor index, int num) {
    long[] keys = new long[index.shape().elements()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Lookup.row(index, i, num);
    }
    return keys;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return input == 0
        ? new Hand(rows, num, g.contiguous(), input(1)).apply(input(0).shape())
        : null;
  }

  /** Hands over the gradients of the rows; the result is the anchor's zero. */
  private static final class Hand extends Op {
    private final Rows rows;
    private final int num;

    Hand(Rows rows, int num, Tensor gradients, Tensor index) {
      super(gradients, index);
      this.rows = rows;
      this.num = num;
    }

    @Override
    protected void run() {
      Strided.fill(output(), 0);
      Tensor g = input(0);
      int length = g.shape().elements();
      rows.take(
          keys(input(1), num), Arrays.copyOfRange(g.array(), g.offset(), g.offset() + length));
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return null;
    }

    @Override
    public String name() {
      return "RowLookupGradient";
    }
  }
}
