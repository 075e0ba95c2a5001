package dev.kindling.examples;

import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Tensor;

/**
 * XOR by matrices alone: two inputs, three hidden units, one output, sigmoids, no biases. Forward
 * and backward are written out; the gradients are those of half the squared error, added up over
 * the four corners.
 */
public final class XorByHand {
  private static final Tensor X = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
  private static final Tensor TARGET = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
  private static final double RATE = 0.5;

  private XorByHand() {}

  /** The outputs for the four corners after so many steps. */
  static float[] train(long seed, int steps) {
    Philox random = new Philox(seed, 0, 0);
    Tensor w1 = Tensor.rand(random, 2, 3);
    Tensor w2 = Tensor.rand(random, 3, 1);
    for (int step = 0; step < steps; step++) {
      Tensor hidden = X.matmul(w1).sigmoid();
      Tensor y = hidden.matmul(w2).sigmoid();
      Tensor outer = TARGET.sub(y).mul(slope(y));
      Tensor inner = outer.matmul(w2.t()).mul(slope(hidden));
      w2 = w2.add(hidden.t().matmul(outer).mul(RATE));
      w1 = w1.add(X.t().matmul(inner).mul(RATE));
    }
    return X.matmul(w1).sigmoid().matmul(w2).sigmoid().toArray();
  }

  /** The derivative of a sigmoid, given its value. */
  private static Tensor slope(Tensor y) {
    return y.mul(y.neg().add(1));
  }

  /** Prints the four outputs. */
  public static void main(String[] args) {
    for (float y : train(1, 10_000)) {
      System.out.println(y);
    }
  }
}
