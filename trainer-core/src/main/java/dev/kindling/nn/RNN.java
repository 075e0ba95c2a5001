package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code h' = tanh(W_ih x + b_ih + W_hh h + b_hh)} (Elman, 1990); see {@link Recurrent}. */
public final class RNN extends Recurrent {
  private static final long serialVersionUID = 1L;

  /** One layer. */
  public RNN(int in, int hidden) {
    this(Sizes.of(in, hidden));
  }

  /** Of the given sizes. */
  public RNN(Sizes sizes) {
    super(sizes, 1);
  }

  static RNN of(Spec spec) {
    return new RNN(Sizes.read(spec));
  }

  @Override
  State step(Weights weights, Tensor x, State before) {
    Tensor h = weights.ofInput(x).add(weights.ofState(before.hidden())).tanh();
    return new State(h, h);
  }
}
