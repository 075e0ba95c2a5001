package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/** A tensor set into a larger one that is otherwise constant. */
public final class Padding extends Op {
  private final Shape whole;
  private final int[] starts;
  private final int[] strides;
  private final int offset;
  private final float value;

  private Padding(Tensor part, Shape whole, int[] starts, float value) {
    super(part);
    this.whole = whole;
    this.starts = starts;
    this.strides = whole.rowMajorStrides();
    this.value = value;
    int at = 0;
    for (int d = 0; d < starts.length; d++) {
      at += starts[d] * strides[d];
    }
    this.offset = at;
  }

  /**
   * More elements around the last dimensions, as PyTorch's {@code F.pad}: {@code amounts} are
   * before and after the last dimension, before and after the one but last, and so on.
   */
  public static Tensor pad(Tensor x, int[] amounts, float value) {
    int[] sizes = x.shape().toArray();
    int[] starts = new int[sizes.length];
    boolean isNegative = Arrays.stream(amounts).anyMatch(amount -> amount < 0);
    if (amounts.length % 2 != 0 || amounts.length > 2 * sizes.length || isNegative) {
      throw new ShapeException(
          "pad: %s by %s: two amounts, zero or more, for each dimension from the last"
              .formatted(x.shape(), Arrays.toString(amounts)));
    }
    for (int i = 0; i < amounts.length; i += 2) {
      int d = sizes.length - 1 - i / 2;
      starts[d] = amounts[i];
      sizes[d] += amounts[i] + amounts[i + 1];
    }
    return embed(x, Shape.of(sizes), starts, value);
  }

  /** {@code whole} filled with {@code value}, {@code part} standing at {@code starts}. */
  static Tensor embed(Tensor part, Shape whole, int[] starts, float value) {
    return new Padding(part, whole, starts, value).apply(whole);
  }

  @Override
  protected void run() {
    Strided.fill(output(), value);
    Strided.copy(input(0), output().array(), output().offset() + offset, strides);
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return part(g, input(0).shape(), starts);
  }

  /** What stands at {@code starts} of a larger tensor. */
  static Tensor part(Tensor whole, Shape shape, int... starts) {
    Tensor part = whole;
    for (int d = 0; d < starts.length; d++) {
      if (shape.size(d) != whole.size(d)) {
        part = part.slice(d, starts[d], starts[d] + shape.size(d));
      }
    }
    return part;
  }
}
