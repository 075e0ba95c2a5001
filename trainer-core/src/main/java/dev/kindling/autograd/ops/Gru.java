package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * Gated recurrent unit over a whole sequence, from states of zero:
 *
 * <pre>
 * r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 * z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 * n = tanh(W_in x + b_in + r (W_hn h + b_hn))
 * h' = n + z (h - n)
 * </pre>
 *
 * <p>A step leaves r, z, n and {@code W_hn h + b_hn}.
 */
public final class Gru extends Recurrence {
  private static final int GATES = 3;
  private static final int BLOCKS = 4;
  private static final int CANDIDATE = 2;
  private static final int OF_STATE = 3;

  private Gru(Course course, Tensor... inputs) {
    super(GATES, BLOCKS, course, inputs);
  }

  /**
   * The hidden states of {@code x} [n, t, in], after every step, [n, t, hidden], or after the last,
   * [n, hidden]; weights and biases as in PyTorch, [3 hidden, in], [3 hidden, hidden], [3 hidden],
   * [3 hidden].
   *
   * @param isReverse from the last step to the first
   * @param isLastOnly whether only the state after the last step is wanted
   * @param definition the same of the same inputs, in this order, as a vector
   */
  public static Tensor of(
      Tensor x,
      List<Tensor> parameters,
      boolean isReverse,
      boolean isLastOnly,
      Function<List<Tensor>, Tensor> definition) {
    Course course = new Course(isReverse, isLastOnly, definition);
    Gru op = new Gru(course, inputs(x, parameters));
    return op.hiddenOf(op.compute());
  }

  @Override
  int block(int gate, boolean isState) {
    return gate == CANDIDATE && isState ? OF_STATE : gate;
  }

  @Override
  void cell(int s, float[] next, int nextAt) {
    product(s, 0, CANDIDATE, 0, width, 0);
    product(s, CANDIDATE, 1, 0, in, CANDIDATE);
    product(s, CANDIDATE, 1, in, hidden, OF_STATE);
    int at = at(s);
    int candidate = at + CANDIDATE * size;
    KERNELS.sigmoid(gates, at, gates, at, 2 * size);
    CELLS.product(gates, at, gates, at + OF_STATE * size, gateGradient, 0, size);
    KERNELS.add(gates, candidate, gateGradient, 0, gates, candidate, size);
    KERNELS.tanh(gates, candidate, gates, candidate, size);
    CELLS.interpolate(gates, candidate, gates, at + size, rows, stateAt(s), next, nextAt, size);
  }

  @Override
  void cellGradient(int s) {
    CELLS.gruGradient(gates, at(s), size, rows, stateAt(s), state, 0, gateGradient, 0);
  }

  @Override
  void addWeightGradient(int s) {
    weightProduct(s, 0, CANDIDATE, 0, width, 0);
    weightProduct(s, CANDIDATE, 1, 0, in, CANDIDATE);
    weightProduct(s, CANDIDATE, 1, in, hidden, OF_STATE);
  }

  @Override
  void toStateBefore() {
    transposedProduct(2, 0, CANDIDATE, 0, true, state);
    transposedProduct(2, CANDIDATE, 1, OF_STATE, true, state);
  }

  @Override
  int cellElements() {
    return 0;
  }

  @Override
  void writeCell(float[] y, int at) {}

  @Override
  void startBackward(float[] g, int at) {}
}
