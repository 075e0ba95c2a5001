package dev.kindling.nn;

import dev.kindling.autograd.ops.Gru;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * Gated recurrent unit (Cho et al., 2014), see {@link Recurrent}:
 *
 * <pre>
 * r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 * z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 * n = tanh(W_in x + b_in + r (W_hn h + b_hn))
 * h' = (1 - z) n + z h
 * </pre>
 */
public final class GRU extends Recurrent {
  private static final long serialVersionUID = 1L;
  private static final int GATES = 3;

  /** One layer. */
  public GRU(int in, int hidden) {
    this(Sizes.of(in, hidden));
  }

  /** Of the given sizes. */
  public GRU(Sizes sizes) {
    super(sizes, GATES);
  }

  static GRU of(Spec spec) {
    return new GRU(Sizes.read(spec));
  }

  @Override
  State step(Projections weights, Tensor x, State before) {
    int h = before.hidden().size(1);
    Tensor ofInput = weights.ofInput(x);
    Tensor ofState = weights.ofState(before.hidden());
    Tensor gates = ofInput.slice(1, 0, 2 * h).add(ofState.slice(1, 0, 2 * h)).sigmoid();
    Tensor reset = gates.slice(1, 0, h);
    Tensor update = gates.slice(1, h, 2 * h);
    Tensor candidate =
        ofInput.slice(1, 2 * h, 3 * h).add(reset.mul(ofState.slice(1, 2 * h, 3 * h))).tanh();
    Tensor hidden = candidate.add(update.mul(before.hidden().sub(candidate)));
    return new State(hidden, hidden);
  }

  @Override
  Pass pass(Projections weights, Tensor x, Course course) {
    Tensor hidden =
        Gru.of(
            x,
            weights.list(),
            course.isReverse(),
            course.isLastOnly(),
            inputs -> definition(inputs, course));
    int last = course.isReverse() ? 0 : x.size(1) - 1;
    Tensor state = course.isLastOnly() ? hidden : hidden.select(1, last);
    return new Pass(course.isLastOnly() ? null : hidden, new State(state, state));
  }

  private Tensor definition(List<Tensor> inputs, Course course) {
    Pass pass = stepByStep(Projections.of(inputs, 1), inputs.get(0), null, course);
    return (course.isLastOnly() ? pass.state().hidden() : pass.output()).reshape(-1);
  }
}
