package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the recurrent networks share: several layers, one after the other or in both directions,
 * over sequences [n, t, in]. Output is the last layer's hidden state at every step, [n, t, hidden],
 * or after the last one, [n, hidden], with {@code output: last}; twice as wide in both directions,
 * forward first. With lengths, a sequence's state stands still after its end and its outputs there
 * are zero.
 *
 * <p>Parameters are named as in PyTorch: {@code weight_ih_l0} [gates * hidden, in], {@code
 * weight_hh_l0} [gates * hidden, hidden], {@code bias_ih_l0}, {@code bias_hh_l0}, with {@code
 * _reverse} for the other direction; all start uniform in +-1/sqrt(hidden).
 */
public abstract sealed class Recurrent extends Module permits RNN, LSTM, GRU {
  private static final long serialVersionUID = 1L;

  /**
   * The sizes of a recurrent network.
   *
   * @param in features of a step
   * @param hidden features of the state
   * @param layers one after the other
   * @param isBidirectional whether each layer also runs from the end
   * @param dropout between layers, in training
   * @param isLastOnly whether the output is the state after the last step alone
   */
  public record Sizes(
      int in, int hidden, int layers, boolean isBidirectional, double dropout, boolean isLastOnly)
      implements Serializable {

    /** One layer, forward, all steps. */
    public static Sizes of(int in, int hidden) {
      return new Sizes(in, hidden, 1, false, 0, false);
    }

    /** So many layers. */
    public Sizes layers(int layers) {
      return new Sizes(in, hidden, layers, isBidirectional, dropout, isLastOnly);
    }

    /** Both directions. */
    public Sizes bidirectional() {
      return new Sizes(in, hidden, layers, true, dropout, isLastOnly);
    }

    /** The state after the last step alone. */
    public Sizes lastOnly() {
      return new Sizes(in, hidden, layers, isBidirectional, dropout, true);
    }

    static Sizes read(Spec spec) {
      spec.allow("in", "hidden", "layers", "bidirectional", "dropout", "output");
      return new Sizes(
          spec.integer("in"),
          spec.integer("hidden"),
          spec.integer("layers", 1),
          spec.flag("bidirectional", false),
          spec.number("dropout", 0),
          spec.choice("output", "all", "all", "last").equals("last"));
    }

    Spec write(Spec spec) {
      return spec.with("in", in, null)
          .with("hidden", hidden, null)
          .with("layers", layers, 1)
          .with("bidirectional", isBidirectional, false)
          .with("dropout", dropout, 0.0)
          .with("output", isLastOnly ? "last" : "all", "all");
    }

    int directions() {
      return isBidirectional ? 2 : 1;
    }
  }

  /**
   * What a sequence gives.
   *
   * @param output the last layer's hidden state at every step, [n, t, directions * hidden]
   * @param hidden the hidden state of each layer and direction after the last step, [n, hidden]
   * @param cell the cell state likewise, of an LSTM; of others the hidden state
   */
  public record Sequence(Tensor output, List<Tensor> hidden, List<Tensor> cell) {}

  /**
   * The state between two steps.
   *
   * @param hidden what goes out, [n, hidden]
   * @param cell what stays inside; the same as hidden where there is none
   */
  record State(Tensor hidden, Tensor cell) {}

  /** The weights of one layer in one direction. */
  record Weights(
      Parameter inputWeight, Parameter stateWeight, Parameter inputBias, Parameter stateBias)
      implements Serializable {

    Projections tensors() {
      return new Projections(
          inputWeight.tensor(), stateWeight.tensor(), inputBias.tensor(), stateBias.tensor());
    }
  }

  /** What the weights compute. */
  record Projections(Tensor inputWeight, Tensor stateWeight, Tensor inputBias, Tensor stateBias) {

    /** Of inputs in the order of {@link #list()}, from the given place on. */
    static Projections of(List<Tensor> tensors, int from) {
      return new Projections(
          tensors.get(from), tensors.get(from + 1), tensors.get(from + 2), tensors.get(from + 3));
    }

    List<Tensor> list() {
      return List.of(inputWeight, stateWeight, inputBias, stateBias);
    }

    /** {@code W_ih x + b_ih}. */
    Tensor ofInput(Tensor x) {
      return dev.kindling.autograd.ops.Linear.of(x, inputWeight, inputBias);
    }

    /** {@code W_hh h + b_hh}. */
    Tensor ofState(Tensor h) {
      return dev.kindling.autograd.ops.Linear.of(h, stateWeight, stateBias);
    }
  }

  /**
   * How one direction of a layer goes over a sequence.
   *
   * @param isReverse from the last step to the first
   * @param isLastOnly whether the output at every step is not wanted
   */
  record Course(boolean isReverse, boolean isLastOnly) {}

  /**
   * What one direction of a layer gives.
   *
   * @param output the hidden state at every step, [n, t, hidden], or null where not wanted
   * @param state after the last step
   */
  record Pass(Tensor output, State state) {}

  private final Sizes sizes;
  private final List<Weights> weights = new ArrayList<>();
  private final Dropout dropout;

  Recurrent(Sizes sizes, int gates) {
    this.sizes = sizes;
    this.dropout = register("dropout", new Dropout(sizes.dropout));
    for (int layer = 0; layer < sizes.layers; layer++) {
      int in = layer == 0 ? sizes.in : sizes.hidden * sizes.directions();
      for (int direction = 0; direction < sizes.directions(); direction++) {
        weights.add(register("_l" + layer + (direction == 0 ? "" : "_reverse"), in, gates));
      }
    }
  }

  private Weights register(String suffix, int in, int gates) {
    int rows = gates * sizes.hidden;
    return new Weights(
        register("weight_ih" + suffix, Shape.of(rows, in)),
        register("weight_hh" + suffix, Shape.of(rows, sizes.hidden)),
        register("bias_ih" + suffix, Shape.of(rows)),
        register("bias_hh" + suffix, Shape.of(rows)));
  }

  private Parameter register(String name, Shape shape) {
    return register(name, new Parameter(shape, Initializer.Uniform.ofFanIn(sizes.hidden)));
  }

  /** The state after one more step. */
  abstract State step(Projections weights, Tensor x, State before);

  /** One direction over whole sequences: step by step, or faster. */
  Pass pass(Projections weights, Tensor x, Course course) {
    return stepByStep(weights, x, null, course);
  }

  @Override
  public final Tensor forward(Tensor x) {
    Sequence sequence = run(x, null, sizes.isLastOnly);
    if (!sizes.isLastOnly) {
      return sequence.output;
    }
    int all = sequence.hidden.size();
    return Tensor.concat(sequence.hidden.subList(all - sizes.directions(), all), 1);
  }

  /**
   * Outputs and final states, from states of zero.
   *
   * @param x [n, t, in]
   * @param lengths of each sequence, [n], at most t; null where all are t long
   */
  public final Sequence run(Tensor x, IntTensor lengths) {
    return run(x, lengths, false);
  }

  private Sequence run(Tensor x, IntTensor lengths, boolean isLastOnly) {
    if (x.shape().rank() != 3 || x.size(2) != sizes.in || x.size(1) == 0) {
      throw new ShapeException(
          "%s: input %s must be [n,t,%d] with a step at least; set in to its features, or unsqueeze or transpose it"
              .formatted(toSpec(), x.shape(), sizes.in));
    }
    if (lengths != null && !lengths.shape().equals(Shape.of(x.size(0)))) {
      throw new ShapeException(
          "%s: lengths %s of input %s must be [%d], one for each sequence; leave none out"
              .formatted(toSpec(), lengths.shape(), x.shape(), x.size(0)));
    }
    Tensor output = x;
    List<State> states = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers; layer++) {
      boolean isLast = layer == sizes.layers - 1;
      Tensor input = layer == 0 ? x : dropout.forward(output);
      output = layer(layer, input, lengths, isLast && isLastOnly, states);
    }
    return new Sequence(
        output,
        states.stream().map(State::hidden).toList(),
        states.stream().map(State::cell).toList());
  }

  private Tensor layer(
      int layer, Tensor x, IntTensor lengths, boolean isLastOnly, List<State> states) {
    List<Tensor> outputs = new ArrayList<>();
    for (int direction = 0; direction < sizes.directions(); direction++) {
      Projections tensors = weights.get(layer * sizes.directions() + direction).tensors();
      Course course = new Course(direction == 1, isLastOnly);
      Pass pass =
          lengths == null ? pass(tensors, x, course) : stepByStep(tensors, x, lengths, course);
      states.add(pass.state);
      outputs.add(pass.output);
    }
    if (isLastOnly) {
      return null;
    }
    return outputs.size() == 1 ? outputs.get(0) : Tensor.concat(outputs, 2);
  }

  /** Made of simple operations, a few for every step. */
  final Pass stepByStep(Projections weights, Tensor x, IntTensor lengths, Course course) {
    Tensor[] outputs = new Tensor[x.size(1)];
    Tensor zeros = Tensor.zeros(x.size(0), sizes.hidden);
    State state = new State(zeros, zeros);
    for (int s = 0; s < outputs.length; s++) {
      int t = course.isReverse ? outputs.length - 1 - s : s;
      Tensor input = x.select(1, t);
      State after = step(weights, input, state);
      if (lengths == null) {
        state = after;
        outputs[t] = state.hidden;
      } else {
        Tensor mask = LengthMask.of(input, lengths, t);
        state = kept(mask, after, state);
        outputs[t] = state.hidden.mul(mask);
      }
    }
    return new Pass(course.isLastOnly ? null : Tensor.stack(Arrays.asList(outputs), 1), state);
  }

  private static State kept(Tensor mask, State after, State before) {
    Tensor hidden = Tensor.where(mask, after.hidden, before.hidden);
    return new State(
        hidden, after.cell == after.hidden ? hidden : Tensor.where(mask, after.cell, before.cell));
  }

  @Override
  protected Spec describe() {
    return sizes.write(Spec.of(getClass().getSimpleName()));
  }
}
