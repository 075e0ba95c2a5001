package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/** {@code y[n, c, h, w] = mean of x over the region of (h, w)}. */
public final class AveragePool extends Op {
  private final Regions rows;
  private final Regions columns;

  private AveragePool(Tensor x, Regions rows, Regions columns) {
    super(x);
    this.rows = rows;
    this.columns = columns;
  }

  /** Windows of a fixed size; zeros of the padding count. Shapes [n, c, h, w] -> [n, c, h', w']. */
  public static Tensor of(Tensor x, Axis rows, Axis columns) {
    MaxPool.pooled("avg_pool", x.shape(), rows, columns);
    return of(x, Regions.sliding(rows, x.size(2)), Regions.sliding(columns, x.size(3)));
  }

  /** As many even regions as wanted. Shapes [n, c, h, w] -> [n, c, height, width]. */
  public static Tensor adaptive(Tensor x, int height, int width) {
    MaxPool.pooled("adaptive_avg_pool", x.shape(), Axis.SINGLE, Axis.SINGLE);
    return of(x, Regions.even(x.size(2), height), Regions.even(x.size(3), width));
  }

  private static Tensor of(Tensor x, Regions rows, Regions columns) {
    Shape shape = x.shape().with(2, rows.count()).with(3, columns.count());
    return new AveragePool(x.contiguous(), rows, columns).apply(shape);
  }

  /** The inputs [start, end) that each output along one dimension averages, and by how much. */
  private record Regions(int inputs, int[] start, int[] end, float[] share) {
    static Regions sliding(Axis axis, int inputs) {
      Regions regions = new Regions(inputs, axis.outputs(inputs));
      for (int o = 0; o < regions.count(); o++) {
        int first = axis.input(o, 0);
        regions.set(o, Math.max(0, first), Math.min(inputs, first + axis.kernel()), axis.kernel());
      }
      return regions;
    }

    static Regions even(int inputs, int outputs) {
      Regions regions = new Regions(inputs, outputs);
      for (int o = 0; o < outputs; o++) {
        int first = (int) ((long) o * inputs / outputs);
        int end = (int) (((o + 1L) * inputs + outputs - 1) / outputs);
        regions.set(o, first, end, end - first);
      }
      return regions;
    }

    private Regions(int inputs, int outputs) {
      this(inputs, new int[outputs], new int[outputs], new float[outputs]);
    }

    private void set(int output, int from, int to, int divisor) {
      start[output] = from;
      end[output] = to;
      share[output] = 1f / divisor;
    }

    int count() {
      return start.length;
    }
  }

  @Override
  protected void run() {
    float[] y = output().array();
    int to = output().offset();
    int planes = output().size(0) * output().size(1);
    for (int plane = 0; plane < planes; plane++) {
      int from = input(0).offset() + plane * rows.inputs * columns.inputs;
      for (int h = 0; h < rows.count(); h++) {
        for (int w = 0; w < columns.count(); w++) {
          y[to++] = sum(from, h, w) * (rows.share[h] * columns.share[w]);
        }
      }
    }
  }

  private float sum(int plane, int h, int w) {
    float[] x = input(0).array();
    float sum = 0;
    for (int line = rows.start[h]; line < rows.end[h]; line++) {
      int from = plane + line * columns.inputs;
      for (int column = columns.start[w]; column < columns.end[w]; column++) {
        sum += x[from + column];
      }
    }
    return sum;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new Spread(g.contiguous(), rows, columns).apply(input(0).shape());
  }

  /** The transpose: every output's share goes to each input of its region. */
  private static final class Spread extends Op {
    private final Regions rows;
    private final Regions columns;

    Spread(Tensor g, Regions rows, Regions columns) {
      super(g);
      this.rows = rows;
      this.columns = columns;
    }

    @Override
    protected void run() {
      Strided.fill(output(), 0);
      float[] g = input(0).array();
      int from = input(0).offset();
      int planes = output().size(0) * output().size(1);
      for (int plane = 0; plane < planes; plane++) {
        int to = output().offset() + plane * rows.inputs * columns.inputs;
        for (int h = 0; h < rows.count(); h++) {
          for (int w = 0; w < columns.count(); w++) {
            add(g[from++] * (rows.share[h] * columns.share[w]), to, h, w);
          }
        }
      }
    }

    private void add(float share, int plane, int h, int w) {
      float[] dx = output().array();
      for (int line = rows.start[h]; line < rows.end[h]; line++) {
        int to = plane + line * columns.inputs;
        for (int column = columns.start[w]; column < columns.end[w]; column++) {
          dx[to + column] += share;
        }
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      return of(gg, rows, columns);
    }

    @Override
    public String name() {
      return "AveragePoolGradient";
    }
  }
}
