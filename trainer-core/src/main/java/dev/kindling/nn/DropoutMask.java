package dev.kindling.nn;

import dev.kindling.autograd.Op;
import dev.kindling.autograd.Recomputation;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[i] = random[i] < p ? 0 : 1 / (1 - p)}: element i draws the 16 bits number i of the
 * stream (seed, step, replica, operation), so p is rounded to a multiple of 2^-16.
 */
final class DropoutMask extends Op {
  private static final int DRAWS = 1 << 16;
  private static final int PER_BLOCK = 8;

  private final StepContext context;
  private final int operation;
  private final int dropped;
  private final int[] words = new int[4];

  private DropoutMask(Tensor like, double p, StepContext context) {
    super(like);
    this.context = context;
    this.operation = Recomputation.number(context::nextOperation);
    this.dropped = (int) Math.min(DRAWS - 1, Math.round(p * DRAWS));
  }

  static Tensor of(Tensor like, double p, StepContext context) {
    return new DropoutMask(like, p, context).apply(like.shape());
  }

  @Override
  protected void run() {
    Shape shape = output().shape();
    float[] y = output().array();
    int at = output().offset();
    for (int from = 0; from < shape.elements(); from += PER_BLOCK) {
      block(from / PER_BLOCK);
      write(y, at + from, Math.min(PER_BLOCK, shape.elements() - from));
    }
  }

  private void block(int number) {
    int step = (int) context.step();
    Philox.block(context.seed(), number, step, context.dropoutStream(), operation, words);
  }

  private void write(float[] y, int at, int count) {
    float kept = (float) DRAWS / (DRAWS - dropped);
    for (int i = 0; i < count; i++) {
      int draw = words[i >> 1] >>> 16 * (i & 1) & DRAWS - 1;
      y[at + i] = draw < dropped ? 0 : kept;
    }
  }

  @Override
  protected boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return null;
  }
}
