package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;
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
 */
public final class Lstm extends Recurrence {
  private static final int GATES = 4;
  private static final int PIECE = 1024;

  private final float[] cells;
  private final float[] squashed;
  private final float[] cellGradient;

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

  private Lstm(Course course, Tensor... inputs) {
    super(GATES, GATES, course, inputs);
    cells = room("the cell states of all steps", steps + 1, hidden, samples);
    squashed = room("the squashed cell states", steps, hidden, samples);
    cellGradient = new float[size];
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
    Course course = new Course(isReverse, isLastOnly, definition);
    Lstm op = new Lstm(course, inputs(x, parameters));
    Tensor joined = op.compute();
    return new States(op.hiddenOf(joined), op.cellOf(joined));
  }

  @Override
  int block(int gate, boolean isState) {
    return gate;
  }

  @Override
  void cell(int s, float[] next, int nextAt) {
    product(s, 0, GATES, 0, width, 0);
    for (int j = 0; j < size; j += PIECE) {
      piece(at(s) + j, s * size + j, next, nextAt + j, Math.min(PIECE, size - j));
    }
  }

  /** Elements of all gates and states that stay in the nearest cache from function to function. */
  private void piece(int at, int state, float[] next, int nextAt, int n) {
    int output = at + 3 * size;
    KERNELS.sigmoid(gates, at, gates, at, n);
    KERNELS.sigmoid(gates, at + size, gates, at + size, n);
    KERNELS.tanh(gates, at + 2 * size, gates, at + 2 * size, n);
    KERNELS.sigmoid(gates, output, gates, output, n);
    CELLS.lstm(gates, at, size, n, cells, state, cells, state + size);
    KERNELS.tanh(cells, state + size, squashed, state, n);
    CELLS.product(gates, output, squashed, state, next, nextAt, n);
  }

  @Override
  void cellGradient(int s) {
    CELLS.lstmGradient(
        gates,
        at(s),
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
  }

  @Override
  void addWeightGradient(int s) {
    weightProduct(s, 0, GATES, 0, width, 0);
  }

  @Override
  void toStateBefore() {
    transposedProduct(2, 0, GATES, 0, false, state);
  }

  @Override
  int cellElements() {
    return size;
  }

  @Override
  void writeCell(float[] y, int at) {
    CELLS.transpose(hidden, samples, cells, steps * size, samples, y, at, hidden);
  }

  @Override
  void startBackward(float[] g, int at) {
    CELLS.transpose(samples, hidden, g, at, hidden, cellGradient, 0, samples);
  }
}
