package dev.kindling.autograd.ops;

import dev.kindling.autograd.FusedOp;
import dev.kindling.kernel.AttentionKernels;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Heap;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code softmax(q k^T / sqrt(d)) v} for every head, where head i has the features {@code i d} to
 * {@code (i + 1) d} of queries, keys, values and output; read and written in place.
 *
 * <p>A head's scores are kept transposed, [keys, queries], so that the softmax of a query runs down
 * a column, and neighbouring queries fill the vectors. In backward only one head's matrix is there
 * at a time.
 */
public final class Attention extends FusedOp {
  private static final Kernels KERNELS = Kernels.best();
  private static final AttentionKernels LOOPS = KERNELS.attention();
  private static final float HIDDEN = -1e30f; // whose exponential is 0

  /** Where queries, keys or values stand: in which input, from which feature on. */
  private record Part(int input, int feature) {}

  private final Part queries;
  private final Part keys;
  private final Part values;
  private final Mask mask;
  private final int heads;
  private final int dim;
  private final int features;
  private final float scale;
  private final int samples;
  private final int rows;
  private final int columns;
  private final float[] shares;
  private final float[] gradient;
  private final GemmWorkspace toScores;
  private final GemmWorkspace toQueries;
  private final GemmWorkspace toKeys;

  /**
   * Who sees whom.
   *
   * @param isCausal whether position i sees only 0 to i
   * @param visible 1 where a query (row) may look at a key (column), else 0; stretches to [n,
   *     heads, t, s]; null for everywhere
   */
  public record Mask(boolean isCausal, Tensor visible) {
    /** What the operation reads. */
    private Tensor[] with(Tensor... inputs) {
      Tensor[] all = Arrays.copyOf(inputs, inputs.length + (visible == null ? 0 : 1));
      if (visible != null) {
        all[inputs.length] = visible;
      }
      return all;
    }
  }

  private Attention(int dim, int heads, Mask mask, Part[] parts, Tensor... inputs) {
    super(mask.with(inputs));
    this.dim = dim;
    this.heads = heads;
    this.mask = mask;
    queries = parts[0];
    keys = parts[1];
    values = parts[2];
    Tensor query = inputs[queries.input];
    features = dim / heads;
    scale = (float) Math.sqrt((double) heads / dim);
    samples = query.size(0);
    columns = query.size(1);
    rows = inputs[keys.input].size(1);
    shares = room("the shares", samples, heads, rows, columns);
    gradient = room("the shares' gradient", rows, columns);
    toScores = new GemmWorkspace(rows, columns, features);
    toQueries = new GemmWorkspace(columns, features, rows);
    toKeys = new GemmWorkspace(rows, features, columns);
  }

  private float[] room(String what, int... sizes) {
    return Heap.array("attention of %s: %s".formatted(input(0).shape(), what), sizes);
  }

  /**
   * Of a sequence to itself.
   *
   * @param x queries, keys and values side by side, [n, t, 3 dim]
   * @return [n, t, dim]
   */
  public static Tensor self(Tensor x, int heads, Mask mask) {
    int dim = x.size(2) / 3;
    Part[] parts = {new Part(0, 0), new Part(0, dim), new Part(0, 2 * dim)};
    return new Attention(dim, heads, mask, parts, x.contiguous()).output(x);
  }

  /**
   * Of one sequence to another.
   *
   * @param query [n, t, dim]
   * @param memory keys and values side by side, [n, s, 2 dim]
   * @return [n, t, dim]
   */
  public static Tensor of(Tensor query, Tensor memory, int heads, Mask mask) {
    Part[] parts = {new Part(0, 0), new Part(1, 0), new Part(1, query.size(2))};
    Tensor[] inputs = {query.contiguous(), memory.contiguous()};
    return new Attention(query.size(2), heads, mask, parts, inputs).output(query);
  }

  private Tensor output(Tensor query) {
    return apply(Shape.of(query.size(0), query.size(1), dim));
  }

  // ---------------------------------------------------------------- definition

  @Override
  protected Tensor definition(List<Tensor> inputs) {
    Tensor scores = split(inputs, queries).matmul(split(inputs, keys).t()).mul(scale);
    Tensor visible = visible();
    Tensor seen = visible == null ? scores : scores.maskedFill(visible.eq(0), HIDDEN);
    Tensor joined = Softmax.of(seen).matmul(split(inputs, values));
    return joined.transpose(1, 2).reshape(samples, columns, dim);
  }

  /** [n, t, ...] -> [n, heads, t, features]. */
  private Tensor split(List<Tensor> inputs, Part part) {
    Tensor x = inputs.get(part.input).slice(2, part.feature, part.feature + dim);
    return x.reshape(x.size(0), x.size(1), heads, features).transpose(1, 2);
  }

  private Tensor visible() {
    if (!mask.isCausal) {
      return mask.visible;
    }
    Tensor causal = Tensor.arange(columns).unsqueeze(1).ge(Tensor.arange(rows));
    return mask.visible == null ? causal : causal.mul(mask.visible);
  }

  // ---------------------------------------------------------------- forward

  @Override
  protected void run() {
    for (int n = 0; n < samples; n++) {
      for (int h = 0; h < heads; h++) {
        head(n, h);
      }
    }
  }

  private void head(int n, int h) {
    int p = (n * heads + h) * rows * columns;
    scores(keys, array(queries), at(queries, n, h), apart(queries), n, h, shares, p);
    hide(n, h, shares, p, HIDDEN);
    LOOPS.softmax(shares, p, rows, columns, scale);
    int to = output().offset() + n * columns * dim + h * features;
    ofColumns(shares, p, values, n, h, output().array(), to, dim);
  }

  /** {@code [rows, columns] = part [rows, features] x^T}. */
  private void scores(
      Part part, float[] x, int xAt, int xApart, int n, int h, float[] to, int toAt) {
    KERNELS.gemm(
        false,
        true,
        rows,
        columns,
        features,
        array(part),
        at(part, n, h),
        apart(part),
        x,
        xAt,
        xApart,
        to,
        toAt,
        columns,
        false,
        toScores);
  }

  /** {@code [columns, features] = p^T part}. */
  private void ofColumns(
      float[] p, int pAt, Part part, int n, int h, float[] to, int toAt, int toApart) {
    LOOPS.product(
        true,
        columns,
        features,
        rows,
        p,
        pAt,
        columns,
        array(part),
        at(part, n, h),
        apart(part),
        to,
        toAt,
        toApart,
        toQueries);
  }

  /** {@code [rows, features] = p x}. */
  private void ofRows(
      float[] p, int pAt, float[] x, int xAt, int xApart, float[] to, int toAt, int toApart) {
    LOOPS.product(
        false, rows, features, columns, p, pAt, columns, x, xAt, xApart, to, toAt, toApart, toKeys);
  }

  /** Writes {@code value} where a query must not look. */
  private void hide(int n, int h, float[] p, int at, float value) {
    for (int row = 1; row < rows && mask.isCausal; row++) {
      int from = at + row * columns;
      Arrays.fill(p, from, from + Math.min(row, columns), value);
    }
    if (mask.visible != null) {
      hideUnseen(n, h, p, at, value);
    }
  }

  private void hideUnseen(int n, int h, float[] p, int at, float value) {
    Tensor visible = mask.visible;
    float[] seen = visible.array();
    int keyStride = stride(visible, 1);
    int queryStride = stride(visible, 2);
    int from = visible.offset() + n * stride(visible, 4) + h * stride(visible, 3);
    for (int row = 0; row < rows; row++) {
      int element = from + row * keyStride;
      for (int i = at + row * columns; i < at + (row + 1) * columns; i++) {
        if (seen[element] == 0) {
          p[i] = value;
        }
        element += queryStride;
      }
    }
  }

  /** The stride of a dimension counted from the last, 0 where it is stretched. */
  private static int stride(Tensor x, int fromLast) {
    return x.shape().rank() < fromLast || x.size(-fromLast) == 1 ? 0 : x.stride(-fromLast);
  }

  private float[] array(Part part) {
    return input(part.input).array();
  }

  private int apart(Part part) {
    return input(part.input).size(2);
  }

  /** The place of a head's first feature in a sample, from the tensor's first element. */
  private int place(Part part, int n, int h) {
    Tensor x = input(part.input);
    return n * x.size(1) * x.size(2) + part.feature + h * features;
  }

  private int at(Part part, int n, int h) {
    return input(part.input).offset() + place(part, n, h);
  }

  // ---------------------------------------------------------------- backward

  @Override
  protected void backward(Tensor g, float[] to, int[] starts) {
    for (int n = 0; n < samples; n++) {
      for (int h = 0; h < heads; h++) {
        headGradient(n, h, g, to, starts);
      }
    }
  }

  private void headGradient(int n, int h, Tensor g, float[] to, int[] starts) {
    int p = (n * heads + h) * rows * columns;
    int gAt = g.offset() + n * columns * dim + h * features;
    scores(values, g.array(), gAt, dim, n, h, gradient, 0);
    LOOPS.softmaxGradient(shares, p, gradient, 0, rows, columns, scale);
    hide(n, h, gradient, 0, 0);
    if (starts[values.input] >= 0) {
      int at = starts[values.input] + place(values, n, h);
      ofRows(shares, p, g.array(), gAt, dim, to, at, apart(values));
    }
    if (starts[keys.input] >= 0) {
      int at = starts[keys.input] + place(keys, n, h);
      int from = at(queries, n, h);
      ofRows(gradient, 0, array(queries), from, apart(queries), to, at, apart(keys));
    }
    if (starts[queries.input] >= 0) {
      int at = starts[queries.input] + place(queries, n, h);
      ofColumns(gradient, 0, keys, n, h, to, at, apart(queries));
    }
  }

  @Override
  public long multiplyAdds() {
    return 2L * shares.length * features;
  }

  @Override
  protected long backwardMultiplyAdds() {
    return 4L * shares.length * features;
  }
}
