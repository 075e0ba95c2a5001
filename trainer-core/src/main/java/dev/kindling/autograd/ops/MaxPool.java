package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code y[n, c, h, w] = max of x over the window at (h, w)}; padding never wins, and the first of
 * equals gets the gradient.
 */
public final class MaxPool extends Op {
  private final Axis rows;
  private final Axis columns;
  private final int[] chosen;

  private MaxPool(Tensor x, Axis rows, Axis columns, Shape shape) {
    super(x);
    this.rows = rows;
    this.columns = columns;
    this.chosen = new int[shape.elements()];
  }

  /** Shapes [n, c, h, w] -> [n, c, h', w']. */
  public static Tensor of(Tensor x, Axis rows, Axis columns) {
    Shape shape = pooled("max_pool", x.shape(), rows, columns);
    return new MaxPool(x.contiguous(), rows, columns, shape).apply(shape);
  }

  /** The shape after windows have slid over both image dimensions. */
  static Shape pooled(String operation, Shape x, Axis rows, Axis columns) {
    if (x.rank() != 4 || rows.outputs(x.size(2)) < 1 || columns.outputs(x.size(3)) < 1) {
      throw new ShapeException(
          "%s: %s: [n,c,h,w] is needed, with images no smaller than the window [%d,%d]"
              .formatted(operation, x, rows.span(), columns.span()));
    }
    return x.with(2, rows.outputs(x.size(2))).with(3, columns.outputs(x.size(3)));
  }

  @Override
  protected void run() {
    Shape y = output().shape();
    int height = input(0).size(2);
    int width = input(0).size(3);
    int to = 0;
    for (int plane = 0; plane < y.size(0) * y.size(1); plane++) {
      for (int h = 0; h < y.size(2); h++) {
        row(plane * height * width, h, to, y.size(3));
        to += y.size(3);
      }
    }
  }

  private void row(int plane, int h, int to, int outputs) {
    int height = input(0).size(2);
    int first = rows.input(h, 0);
    int from = plane + first * input(0).size(3);
    boolean isInside = first >= 0 && rows.input(h, rows.kernel() - 1) < height;
    if (isInside && columns.before() == 0 && columns.after() == 0) {
      insideRow(from, to, outputs);
    } else {
      for (int w = 0; w < outputs; w++) {
        choose(plane, h, w, to + w);
      }
    }
  }

  /** Windows that lie whole inside the image. */
  private void insideRow(int from, int to, int outputs) {
    float[] x = input(0).array();
    int base = input(0).offset();
    int width = input(0).size(3);
    for (int w = 0; w < outputs; w++) {
      int start = from + w * columns.stride();
      int best = start;
      float most = x[base + start];
      for (int i = 0; i < rows.kernel(); i++) {
        int line = start + i * rows.dilation() * width;
        for (int j = 0; j < columns.kernel(); j++) {
          int at = line + j * columns.dilation();
          if (x[base + at] > most) {
            most = x[base + at];
            best = at;
          }
        }
      }
      write(to + w, best);
    }
  }

  private void choose(int plane, int h, int w, int to) {
    float[] x = input(0).array();
    int base = input(0).offset();
    int width = input(0).size(3);
    int best = -1;
    for (int i = 0; i < rows.kernel(); i++) {
      int line = rows.input(h, i);
      for (int j = 0; j < columns.kernel(); j++) {
        int column = columns.input(w, j);
        if (line >= 0 && line < input(0).size(2) && column >= 0 && column < width) {
          int at = plane + line * width + column;
          best = best < 0 || x[base + at] > x[base + best] ? at : best;
        }
      }
    }
    write(to, best);
  }

  private void write(int to, int best) {
    chosen[to] = best;
    output().array()[output().offset() + to] = input(0).array()[input(0).offset() + best];
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new Scatter(g.contiguous(), this).apply(input(0).shape());
  }

  /** {@code dx[chosen[i]] += g[i]}. */
  private static final class Scatter extends Op {
    private final MaxPool forward;

    Scatter(Tensor g, MaxPool forward) {
      super(g);
      this.forward = forward;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      Strided.fill(output(), 0);
      float[] g = input(0).array();
      float[] dx = output().array();
      int from = input(0).offset();
      int to = output().offset();
      for (int i = 0; i < forward.chosen.length; i++) {
        dx[to + forward.chosen[i]] += g[from + i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      return new Pick(gg.contiguous(), forward).apply(input(0).shape());
    }
  }

  /** {@code y[i] = x[chosen[i]]}. */
  private static final class Pick extends Op {
    private final MaxPool forward;

    Pick(Tensor x, MaxPool forward) {
      super(x);
      this.forward = forward;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      float[] x = input(0).array();
      float[] y = output().array();
      int from = input(0).offset();
      int to = output().offset();
      for (int i = 0; i < forward.chosen.length; i++) {
        y[to + i] = x[from + forward.chosen[i]];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return new Scatter(g.contiguous(), forward).apply(input(0).shape());
    }
  }
}
