package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = whole, and y[starts + i] += part[i]}: how the gradients of slices add up. In a plan
 * that needs {@code whole} no more only the part is written.
 */
final class AddInto extends Op {
  private final int[] starts;
  private final int[] strides;
  private final int offset;

  private AddInto(Tensor whole, Tensor part, int[] starts) {
    super(whole, part);
    this.starts = starts;
    this.strides = whole.shape().rowMajorStrides();
    int at = 0;
    for (int d = 0; d < starts.length; d++) {
      at += starts[d] * strides[d];
    }
    this.offset = at;
  }

  static Tensor of(Tensor whole, Tensor part, int[] starts) {
    return new AddInto(whole.contiguous(), part, starts).apply(whole.shape());
  }

  @Override
  protected void run() {
    Strided.copyUnlessThere(input(0), output());
    Strided.add(input(1), output().array(), output().offset() + offset, strides);
  }

  @Override
  protected boolean canOverwrite(int input) {
    return input == 0;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return input == 0 ? g : Padding.part(g, input(1).shape(), starts);
  }
}
