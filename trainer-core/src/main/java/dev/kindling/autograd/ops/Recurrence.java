package dev.kindling.autograd.ops;

import dev.kindling.autograd.FusedOp;
import dev.kindling.kernel.CellKernels;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Heap;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a recurrent cell makes of a whole sequence, from states of zero. Inputs are x [n, t, in] and
 * PyTorch's weights and biases: [gates hidden, in], [gates hidden, hidden], [gates hidden] twice.
 *
 * <p>Inside, features come before samples: the gates of a step are {@code [W_ih W_hh] [x; h]} with
 * a column for each sample, one product of which the larger operand is the weight, read in place; a
 * gate of all samples stands side by side. A step's matrices stay cached until the next has read
 * them, in backward too, where the weight's gradient grows step by step.
 */
abstract class Recurrence extends FusedOp {
  static final Kernels KERNELS = Kernels.best();
  static final CellKernels CELLS = KERNELS.cells();

  final int samples;
  final int steps;
  final int in;
  final int hidden;

  /** Elements of a state: hidden times samples. */
  final int size;

  /** Rows of a step's input, features and hidden state, and columns of the joined weight. */
  final int width;

  /** What every step leaves for backward, {@code blocks} times {@link #size} elements. */
  final float[] gates;

  /** {@code [x; h]} of every step, [width, samples]. */
  final float[] rows;

  /** The hidden state after the last step; in backward the gradient of the one at hand. */
  final float[] state;

  /** {@code [W_ih W_hh]}. */
  final float[] weight;

  /** Gradients of the blocks of the step at hand, before they were squashed. */
  final float[] gateGradient;

  final float[] weightGradient;

  private final int blocks;
  private final int gateRows;
  private final float[] added;
  private final float[] inputGradient;
  private final float[] blockBias;
  private final float[] blockBiasGradient;
  private final boolean isReverse;
  private final boolean isLastOnly;
  private final Function<List<Tensor>, Tensor> definition;
  private final GemmWorkspace workspace;

  /**
   * How to go over a sequence.
   *
   * @param isReverse from the last step to the first
   * @param isLastOnly whether only the state after the last step is wanted
   * @param definition the same of the same inputs, made of simple operations
   */
  record Course(boolean isReverse, boolean isLastOnly, Function<List<Tensor>, Tensor> definition) {}

  /**
   * A recurrence of a cell that has so many gates in its weights, and leaves so many blocks a step.
   */
  Recurrence(int gateCount, int blocks, Course course, Tensor... inputs) {
    super(inputs);
    isReverse = course.isReverse;
    isLastOnly = course.isLastOnly;
    definition = course.definition;
    samples = inputs[0].size(0);
    steps = inputs[0].size(1);
    in = inputs[0].size(2);
    hidden = inputs[2].size(1);
    width = in + hidden;
    gateRows = gateCount * hidden;
    this.blocks = blocks;
    gates = room("the gates of all steps", steps, blocks, hidden, samples);
    rows = room("the inputs and states of all steps", steps, width, samples);
    size = hidden * samples;
    state = new float[size];
    added = new float[size];
    weight = room("the joined weight", gateRows, width);
    weightGradient = room("the joined weight's gradient", gateRows, width);
    gateGradient = room("the gates' gradient", blocks, hidden, samples);
    inputGradient = new float[in * samples];
    blockBias = new float[blocks * hidden];
    blockBiasGradient = new float[blocks * hidden];
    workspace = new GemmWorkspace(gateRows, samples, width);
  }

  /** Elements that stay until backward. */
  final float[] room(String what, int... sizes) {
    return Heap.array(
        "%s of %s: %s".formatted(name().toLowerCase(Locale.ROOT), input(0).shape(), what), sizes);
  }

  static Tensor[] inputs(Tensor x, List<Tensor> parameters) {
    Tensor[] inputs = new Tensor[1 + parameters.size()];
    inputs[0] = x.contiguous();
    for (int i = 1; i < inputs.length; i++) {
      inputs[i] = parameters.get(i - 1).contiguous();
    }
    return inputs;
  }

  /** The block whose bias is that of gate g: {@code b_ih} where not {@code isState}. */
  abstract int block(int gate, boolean isState);

  /** Computes the blocks of step s, biases in them already, and the new hidden state. */
  abstract void cell(int s, float[] next, int nextAt);

  /** Fills {@link #gateGradient} of step s from {@link #state}, the gradient of what it gave. */
  abstract void cellGradient(int s);

  /** Adds the gradient of the joined weight. */
  abstract void addWeightGradient(int s);

  /** Makes {@link #state} the gradient of the state before the step. */
  abstract void toStateBefore();

  /** Elements of the cell state at the end of the output. */
  abstract int cellElements();

  /** Writes the cell state, [n, hidden]. */
  abstract void writeCell(float[] y, int at);

  /** Starts from the gradient of the cell state. */
  abstract void startBackward(float[] g, int at);

  // ---------------------------------------------------------------- forward

  final Tensor compute() {
    return apply(Shape.of(hiddenElements() + cellElements()));
  }

  /** The hidden states in what {@link #compute} gave. */
  final Tensor hiddenOf(Tensor joined) {
    Tensor all = joined.slice(0, 0, hiddenElements());
    return isLastOnly ? all.reshape(samples, hidden) : all.reshape(samples, steps, hidden);
  }

  final Tensor cellOf(Tensor joined) {
    int from = hiddenElements();
    return joined.slice(0, from, from + size).reshape(samples, hidden);
  }

  private int hiddenElements() {
    return isLastOnly ? size : steps * size;
  }

  @Override
  protected final Tensor definition(List<Tensor> inputs) {
    return definition.apply(inputs);
  }

  /** The place in the sequence of the s-th step that is computed. */
  private int time(int s) {
    return isReverse ? steps - 1 - s : s;
  }

  /** Where the blocks of step s begin. */
  final int at(int s) {
    return s * blocks * size;
  }

  /** Where the input of step s begins in {@link #rows}. */
  final int inputAt(int s) {
    return s * width * samples;
  }

  /** Where the hidden state before step s begins in {@link #rows}. */
  final int stateAt(int s) {
    return inputAt(s) + in * samples;
  }

  @Override
  protected final void run() {
    joinWeights();
    joinBiases();
    for (int s = 0; s < steps; s++) {
      step(s);
    }
    Tensor y = output();
    if (isLastOnly) {
      CELLS.transpose(hidden, samples, state, 0, samples, y.array(), y.offset(), hidden);
    }
    writeCell(y.array(), y.offset() + hiddenElements());
  }

  private void joinWeights() {
    for (int r = 0; r < gateRows; r++) {
      Tensor ofInput = input(1);
      Tensor ofState = input(2);
      int to = r * width;
      System.arraycopy(ofInput.array(), ofInput.offset() + r * in, weight, to, in);
      System.arraycopy(ofState.array(), ofState.offset() + r * hidden, weight, to + in, hidden);
    }
  }

  private void joinBiases() {
    Arrays.fill(blockBias, 0);
    for (int i = 3; i <= 4; i++) {
      for (int gate = 0; gate * hidden < gateRows; gate++) {
        int to = block(gate, i == 4) * hidden;
        int from = input(i).offset() + gate * hidden;
        KERNELS.add(blockBias, to, input(i).array(), from, blockBias, to, hidden);
      }
    }
  }

  private void step(int s) {
    Tensor x = input(0);
    int from = x.offset() + time(s) * in;
    CELLS.transpose(samples, in, x.array(), from, steps * in, rows, inputAt(s), samples);
    for (int r = 0; r < blockBias.length; r++) {
      int to = at(s) + r * samples;
      Arrays.fill(gates, to, to + samples, blockBias[r]);
    }
    boolean isLast = s == steps - 1;
    float[] next = isLast ? state : rows;
    int nextAt = isLast ? 0 : stateAt(s + 1);
    cell(s, next, nextAt);
    if (!isLastOnly) {
      int to = output().offset() + time(s) * hidden;
      CELLS.transpose(hidden, samples, next, nextAt, samples, output().array(), to, steps * hidden);
    }
  }

  /**
   * {@code block += W x}: rows of the joined weight from gate {@code gate} on, {@code count} gates,
   * times some rows of the step's input, from row {@code from} on.
   */
  final void product(int s, int gate, int count, int from, int depth, int block) {
    KERNELS.gemm(
        false,
        false,
        count * hidden,
        samples,
        depth,
        weight,
        gate * hidden * width + from,
        width,
        rows,
        inputAt(s) + from * samples,
        samples,
        gates,
        at(s) + block * size,
        samples,
        true,
        workspace);
  }

  // ---------------------------------------------------------------- backward

  @Override
  protected final void backward(Tensor g, float[] to, int[] starts) {
    Arrays.fill(weightGradient, 0);
    Arrays.fill(blockBiasGradient, 0);
    Arrays.fill(state, 0);
    startBackward(g.array(), g.offset() + hiddenElements());
    for (int s = steps - 1; s >= 0; s--) {
      receive(s, g);
      cellGradient(s);
      addWeightGradient(s);
      addBiasGradient();
      if (s > 0) {
        toStateBefore();
      }
      if (starts[0] >= 0) {
        toInput(s, to, starts[0]);
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

  /** As {@link #product}, for the gradient of the weight: {@code dW += dblock x^T}. */
  final void weightProduct(int s, int gate, int count, int from, int depth, int block) {
    KERNELS.gemm(
        false,
        true,
        count * hidden,
        depth,
        samples,
        gateGradient,
        block * size,
        samples,
        rows,
        inputAt(s) + from * samples,
        samples,
        weightGradient,
        gate * hidden * width + from,
        width,
        true,
        workspace);
  }

  private void addBiasGradient() {
    for (int r = 0; r < blockBiasGradient.length; r++) {
      blockBiasGradient[r] += KERNELS.sum(gateGradient, r * samples, samples);
    }
  }

  /** {@code y = W^T dblock}, or {@code y += } where asked, of some gates of input 1 or 2. */
  final void transposedProduct(
      int input, int gate, int count, int block, boolean accumulate, float[] y) {
    Tensor w = input(input);
    int columns = w.size(1);
    KERNELS.gemm(
        true,
        false,
        columns,
        samples,
        count * hidden,
        w.array(),
        w.offset() + gate * hidden * columns,
        columns,
        gateGradient,
        block * size,
        samples,
        y,
        0,
        samples,
        accumulate,
        workspace);
  }

  /** The gradient of the step's features: the blocks of the gates stand one after the other. */
  private void toInput(int s, float[] to, int start) {
    transposedProduct(1, 0, gateRows / hidden, 0, false, inputGradient);
    int at = start + time(s) * in;
    CELLS.transpose(in, samples, inputGradient, 0, samples, to, at, steps * in);
  }

  private void write(float[] to, int[] starts) {
    for (int r = 0; r < gateRows; r++) {
      if (starts[1] >= 0) {
        System.arraycopy(weightGradient, r * width, to, starts[1] + r * in, in);
      }
      if (starts[2] >= 0) {
        System.arraycopy(weightGradient, r * width + in, to, starts[2] + r * hidden, hidden);
      }
    }
    for (int i = 3; i <= 4; i++) {
      for (int gate = 0; gate * hidden < gateRows && starts[i] >= 0; gate++) {
        int from = block(gate, i == 4) * hidden;
        System.arraycopy(blockBiasGradient, from, to, starts[i] + gate * hidden, hidden);
      }
    }
  }

  @Override
  public final long multiplyAdds() {
    return (long) steps * gateRows * samples * width;
  }

  @Override
  protected final long backwardMultiplyAdds() {
    long states = (steps - 1L) * gateRows * samples * hidden;
    long inputs = input(0).isRequiringGrad() ? (long) steps * gateRows * samples * in : 0;
    return multiplyAdds() + states + inputs;
  }
}
