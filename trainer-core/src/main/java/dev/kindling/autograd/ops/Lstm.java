package dev.kindling.autograd.ops;

import dev.kindling.autograd.FusedOp;
import dev.kindling.kernel.CellKernels;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Long short-term memory over a whole sequence, from states of zero:
 *
 * <pre>
 * i, f, g, o = W_ih x + b_ih + W_hh h + b_hh
 * c' = sigmoid(f) c + sigmoid(i) tanh(g)
 * h' = sigmoid(o) tanh(c')
 * </pre>
 *
 * <p>Inside, features come before samples: the gates of a step are {@code [W_ih W_hh] [x; h]} with
 * a column for each sample, one product of which the larger operand is the weight, read in place; a
 * gate of all samples stands side by side. A step's matrices stay cached until the next has read
 * them, in backward too, where the weight's gradient grows step by step.
 */
public final class Lstm extends FusedOp {
  private static final Kernels KERNELS = Kernels.best();
  private static final CellKernels CELLS = KERNELS.cells();
  private static final int GATES = 4;

  private final Function<List<Tensor>, Tensor> definition;
  private final boolean isReverse;
  private final boolean isLastOnly;
  private final int samples;
  private final int steps;
  private final int in;
  private final int hidden;

  /** Elements of a state: hidden times samples. */
  private final int size;

  /** Rows of a step's input: features, then the hidden state. */
  private final int width;

  private final float[] weight;
  private final float[] bias;
  private final float[] rows;
  private final float[] gates;
  private final float[] cells;
  private final float[] squashed;
  private final float[] state;
  private final float[] added;
  private final float[] cellGradient;
  private final float[] gateGradient;
  private final float[] weightGradient;
  private final float[] biasGradient;
  private final float[] inputGradient;
  private final GemmWorkspace forward;
  private final GemmWorkspace toState;
  private final GemmWorkspace toInput;
  private final GemmWorkspace toWeight;

  /**
   * The states of a sequence.
   *
   * @param hidden after every step, [n, t, hidden], or after the last alone, [n, hidden]
   * @param cell after the last step, [n, hidden]
   */
  public record States(Tensor hidden, Tensor cell) {

    /** Both in one, as the operation gives them. */
    public Tensor joined() {
      return Tensor.concat(List.of(hidden.reshape(-1), cell.reshape(-1)), 0);
    }
  }

  private Lstm(
      boolean isReverse,
      boolean isLastOnly,
      Function<List<Tensor>, Tensor> definition,
      Tensor... inputs) {
    super(inputs);
    this.isReverse = isReverse;
    this.isLastOnly = isLastOnly;
    this.definition = definition;
    samples = inputs[0].size(0);
    steps = inputs[0].size(1);
    in = inputs[0].size(2);
    hidden = inputs[2].size(1);
    size = hidden * samples;
    width = in + hidden;
    int all = GATES * hidden;
    weight = new float[all * width];
    bias = new float[all];
    rows = new float[steps * width * samples];
    gates = new float[steps * GATES * size];
    cells = new float[(steps + 1) * size];
    squashed = new float[steps * size];
    state = new float[size];
    added = new float[size];
    cellGradient = new float[size];
    gateGradient = new float[GATES * size];
    weightGradient = new float[all * width];
    biasGradient = new float[all];
    inputGradient = new float[in * samples];
    forward = new GemmWorkspace(all, samples, width);
    toState = new GemmWorkspace(hidden, samples, all);
    toInput = new GemmWorkspace(in, samples, all);
    toWeight = new GemmWorkspace(all, width, samples);
  }

  /**
   * The states of {@code x} [n, t, in]; weights and biases as in PyTorch, [4 hidden, in], [4
   * hidden, hidden], [4 hidden], [4 hidden].
   *
   * @param isReverse from the last step to the first
   * @param isLastOnly whether only the state after the last step is wanted
   * @param definition {@link States#joined} of the same inputs, in this order
   */
  public static States of(
      Tensor x,
      List<Tensor> parameters,
      boolean isReverse,
      boolean isLastOnly,
      Function<List<Tensor>, Tensor> definition) {
    Tensor[] inputs = new Tensor[1 + parameters.size()];
    inputs[0] = x.contiguous();
    for (int i = 1; i < inputs.length; i++) {
      inputs[i] = parameters.get(i - 1).contiguous();
    }
    Lstm op = new Lstm(isReverse, isLastOnly, definition, inputs);
    int all = op.hiddenElements();
    Tensor joined = op.apply(Shape.of(all + op.size));
    Tensor hidden = joined.slice(0, 0, all);
    Tensor cell = joined.slice(0, all, all + op.size).reshape(op.samples, op.hidden);
    return isLastOnly
        ? new States(hidden.reshape(op.samples, op.hidden), cell)
        : new States(hidden.reshape(op.samples, op.steps, op.hidden), cell);
  }

  private int hiddenElements() {
    return isLastOnly ? size : steps * size;
  }

  @Override
  protected Tensor definition(List<Tensor> inputs) {
    return definition.apply(inputs);
  }

  /** The place in the sequence of the s-th step that is computed. */
  private int time(int s) {
    return isReverse ? steps - 1 - s : s;
  }

  @Override
  protected void run() {
    joinWeights();
    for (int s = 0; s < steps; s++) {
      step(s);
    }
    Tensor y = output();
    if (isLastOnly) {
      CELLS.transpose(hidden, samples, state, 0, samples, y.array(), y.offset(), hidden);
    }
    int to = y.offset() + hiddenElements();
    CELLS.transpose(hidden, samples, cells, steps * size, samples, y.array(), to, hidden);
  }

  private void joinWeights() {
    for (int r = 0; r < bias.length; r++) {
      copyRow(input(1), r, in, 0);
      copyRow(input(2), r, hidden, in);
    }
    float[] first = input(3).array();
    float[] second = input(4).array();
    for (int r = 0; r < bias.length; r++) {
      bias[r] = first[input(3).offset() + r] + second[input(4).offset() + r];
    }
  }

  private void copyRow(Tensor part, int row, int length, int at) {
    System.arraycopy(part.array(), part.offset() + row * length, weight, row * width + at, length);
  }

  private void step(int s) {
    Tensor x = input(0);
    int z = s * width * samples;
    int from = x.offset() + time(s) * in;
    CELLS.transpose(samples, in, x.array(), from, steps * in, rows, z, samples);
    int at = s * GATES * size;
    for (int r = 0; r < bias.length; r++) {
      Arrays.fill(gates, at + r * samples, at + (r + 1) * samples, bias[r]);
    }
    KERNELS.gemm(
        false,
        false,
        bias.length,
        samples,
        width,
        weight,
        0,
        width,
        rows,
        z,
        samples,
        gates,
        at,
        samples,
        true,
        forward);
    KERNELS.sigmoid(gates, at, gates, at, 2 * size);
    KERNELS.tanh(gates, at + 2 * size, gates, at + 2 * size, size);
    KERNELS.sigmoid(gates, at + 3 * size, gates, at + 3 * size, size);
    CELLS.lstm(gates, at, size, cells, s * size, cells, (s + 1) * size);
    KERNELS.tanh(cells, (s + 1) * size, squashed, s * size, size);
    emit(s, at + 3 * size);
  }

  /** The hidden state: for the next step, and for the output. */
  private void emit(int s, int outputGate) {
    boolean isLast = s == steps - 1;
    float[] to = isLast ? state : rows;
    int at = isLast ? 0 : (s + 1) * width * samples + in * samples;
    CELLS.product(gates, outputGate, squashed, s * size, to, at, size);
    if (!isLastOnly) {
      int out = output().offset() + time(s) * hidden;
      CELLS.transpose(hidden, samples, to, at, samples, output().array(), out, steps * hidden);
    }
  }

  @Override
  protected void backward(Tensor g, float[] to, int[] starts) {
    Arrays.fill(weightGradient, 0);
    Arrays.fill(biasGradient, 0);
    int cell = g.offset() + hiddenElements();
    CELLS.transpose(samples, hidden, g.array(), cell, hidden, cellGradient, 0, samples);
    Arrays.fill(state, 0);
    for (int s = steps - 1; s >= 0; s--) {
      receive(s, g);
      int at = s * GATES * size;
      CELLS.lstmGradient(
          gates,
          at,
          size,
          cells,
          s * size,
          squashed,
          s * size,
          state,
          0,
          cellGradient,
          0,
          gateGradient,
          0);
      addWeightGradient(s);
      if (s > 0) {
        multiply(input(2), hidden, state, toState);
      }
      if (starts[0] >= 0) {
        multiply(input(1), in, inputGradient, toInput);
        int dx = starts[0] + time(s) * in;
        CELLS.transpose(in, samples, inputGradient, 0, samples, to, dx, steps * in);
      }
    }
    write(to, starts);
  }

  /** Adds what the output's gradient says of the hidden state after step s. */
  private void receive(int s, Tensor g) {
    if (isLastOnly && s < steps - 1) {
      return;
    }
    int from = g.offset() + (isLastOnly ? 0 : time(s) * hidden);
    int apart = isLastOnly ? hidden : steps * hidden;
    CELLS.transpose(samples, hidden, g.array(), from, apart, added, 0, samples);
    KERNELS.add(state, 0, added, 0, state, 0, size);
  }

  private void addWeightGradient(int s) {
    KERNELS.gemm(
        false,
        true,
        bias.length,
        width,
        samples,
        gateGradient,
        0,
        samples,
        rows,
        s * width * samples,
        samples,
        weightGradient,
        0,
        width,
        true,
        toWeight);
    for (int r = 0; r < bias.length; r++) {
      biasGradient[r] += KERNELS.sum(gateGradient, r * samples, samples);
    }
  }

  /** {@code y = W^T} times the gradient of the gates. */
  private void multiply(Tensor w, int columns, float[] y, GemmWorkspace workspace) {
    KERNELS.gemm(
        true,
        false,
        columns,
        samples,
        bias.length,
        w.array(),
        w.offset(),
        columns,
        gateGradient,
        0,
        samples,
        y,
        0,
        samples,
        false,
        workspace);
  }

  private void write(float[] to, int[] starts) {
    for (int r = 0; r < bias.length; r++) {
      if (starts[1] >= 0) {
        System.arraycopy(weightGradient, r * width, to, starts[1] + r * in, in);
      }
      if (starts[2] >= 0) {
        System.arraycopy(weightGradient, r * width + in, to, starts[2] + r * hidden, hidden);
      }
    }
    for (int i = 3; i <= 4; i++) {
      if (starts[i] >= 0) {
        System.arraycopy(biasGradient, 0, to, starts[i], biasGradient.length);
      }
    }
  }

  @Override
  public long multiplyAdds() {
    return (long) steps * GATES * size * width;
  }

  @Override
  protected long backwardMultiplyAdds() {
    long states = (steps - 1L) * GATES * size * hidden;
    long inputs = input(0).isRequiringGrad() ? (long) steps * GATES * size * in : 0;
    return multiplyAdds() + states + inputs;
  }
}
