package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code h' = tanh(W_ih x + b_ih + W_hh h + b_hh)} (Elman, 1990), or with {@code nonlinearity:
 * relu} its positive part; see {@link Recurrent}.
 */
public final class RNN extends Recurrent {
  private static final long serialVersionUID = 1L;
  private static final String NONLINEARITY = "nonlinearity";
  private static final String TANH = "tanh";
  private static final String RELU = "relu";

  private final boolean isRelu;

  /** One layer, with tanh. */
  public RNN(int in, int hidden) {
    this(Sizes.of(in, hidden));
  }

  /** Of the given sizes, with tanh. */
  public RNN(Sizes sizes) {
    this(sizes, TANH);
  }

  /**
   * With another nonlinearity.
   *
   * @param nonlinearity tanh or relu
   */
  public RNN(Sizes sizes, String nonlinearity) {
    super(sizes, 1);
    this.isRelu = choice(Spec.of("RNN", NONLINEARITY, nonlinearity));
  }

  private static boolean choice(Spec spec) {
    return spec.choice(NONLINEARITY, TANH, TANH, RELU).equals(RELU);
  }

  static RNN of(Spec spec) {
    return new RNN(Sizes.read(spec.without(NONLINEARITY)), choice(spec) ? RELU : TANH);
  }

  @Override
  State step(Projections weights, Tensor x, State before) {
    Tensor sum = weights.ofInput(x).add(weights.ofState(before.hidden()));
    Tensor h = isRelu ? sum.relu() : sum.tanh();
    return new State(h, h);
  }

  @Override
  protected Spec describe() {
    return super.describe().with(NONLINEARITY, isRelu ? RELU : TANH, TANH);
  }
}
