package dev.kindling.nn;

import dev.kindling.autograd.ops.Lstm;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997), see {@link Recurrent}:
 *
 * <pre>
 * i, f, g, o = W_ih x + b_ih + W_hh h + b_hh
 * c' = sigmoid(f) c + sigmoid(i) tanh(g)
 * h' = sigmoid(o) tanh(c')
 * </pre>
 */
public final class LSTM extends Recurrent {
  private static final long serialVersionUID = 1L;
  private static final int GATES = 4;

  /** One layer. */
  public LSTM(int in, int hidden) {
    this(Sizes.of(in, hidden));
  }

  /** Of the given sizes. */
  public LSTM(Sizes sizes) {
    super(sizes, GATES);
  }

  static LSTM of(Spec spec) {
    return new LSTM(Sizes.read(spec));
  }

  @Override
  State step(Projections weights, Tensor x, State before) {
    Tensor gates = weights.ofInput(x).add(weights.ofState(before.hidden()));
    int h = before.hidden().size(1);
    Tensor input = gates.slice(1, 0, h).sigmoid();
    Tensor forget = gates.slice(1, h, 2 * h).sigmoid();
    Tensor candidate = gates.slice(1, 2 * h, 3 * h).tanh();
    Tensor output = gates.slice(1, 3 * h, 4 * h).sigmoid();
    Tensor cell = forget.mul(before.cell()).add(input.mul(candidate));
    return new State(output.mul(cell.tanh()), cell);
  }

  @Override
  Pass pass(Projections weights, Tensor x, Course course) {
    Lstm.States states =
        Lstm.of(
            x,
            weights.list(),
            course.isReverse(),
            course.isLastOnly(),
            inputs -> definition(inputs, course));
    if (!course.isLastOnly()) {
      int last = course.isReverse() ? 0 : x.size(1) - 1;
      State state = new State(states.hidden().select(1, last), states.cell());
      return new Pass(states.hidden(), state);
    }
    return new Pass(null, new State(states.hidden(), states.cell()));
  }

  private Tensor definition(List<Tensor> inputs, Course course) {
    Pass pass = stepByStep(Projections.of(inputs, 1), inputs.get(0), null, course);
    Tensor hidden = course.isLastOnly() ? pass.state().hidden() : pass.output();
    return new Lstm.States(hidden, pass.state().cell()).joined();
  }
}
