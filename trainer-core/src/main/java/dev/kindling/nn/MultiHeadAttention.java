package dev.kindling.nn;

import dev.kindling.autograd.ops.Attention;
import dev.kindling.autograd.ops.Linear;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code softmax(q k^T / sqrt(dim / heads)) v} for each head, then a linear layer (Vaswani et al.,
 * 2017); q, k and v are linear in the inputs. Shapes [n, t, dim] -> the same.
 *
 * <p>{@code in_proj_weight} [3 dim, dim] starts Xavier uniform, {@code in_proj_bias} [3 dim] and
 * {@code out_proj.bias} at 0, {@code out_proj.weight} [dim, dim] uniform in +-1/sqrt(dim).
 */
public final class MultiHeadAttention extends Module {
  private static final long serialVersionUID = 1L;
  private static final double HIDDEN = -1e30; // whose exponential is 0

  private final int dim;
  private final int heads;
  private final double p;
  private final boolean isCausal;
  private final Parameter weight;
  private final Parameter bias;
  private final Projection projection;
  private final Dropout dropout;

  /** The linear layer at the end. */
  private static final class Projection extends Module {
    private static final long serialVersionUID = 1L;

    private final Parameter weight;
    private final Parameter bias;

    Projection(int dim) {
      Shape square = Shape.of(dim, dim);
      weight = register("weight", new Parameter(square, Initializer.Uniform.ofFanIn(dim)));
      bias = register("bias", new Parameter(Shape.of(dim), new Initializer.Constant(0)));
    }

    @Override
    public Tensor forward(Tensor x) {
      return Linear.of(x, weight.tensor(), bias.tensor());
    }

    @Override
    protected Spec describe() {
      return Spec.of("Linear", "in", weight.shape().size(1), "out", weight.shape().size(0));
    }
  }

  /** Without dropout, every position sees every other. */
  public MultiHeadAttention(int dim, int heads) {
    this(dim, heads, 0, false);
  }

  /**
   * With dropout of the attention weights.
   *
   * @param isCausal whether a position sees only those up to itself, in {@link #forward(Tensor)}
   */
  public MultiHeadAttention(int dim, int heads, double dropout, boolean isCausal) {
    if (heads < 1 || dim % heads != 0) {
      throw new IllegalArgumentException(
          "MultiHeadAttention: dim %d cannot be cut into %d heads".formatted(dim, heads));
    }
    this.dim = dim;
    this.heads = heads;
    this.p = dropout;
    this.isCausal = isCausal;
    weight = register("in_proj_weight", new Parameter(Shape.of(3 * dim, dim), start(dim)));
    bias = register("in_proj_bias", new Parameter(Shape.of(3 * dim), new Initializer.Constant(0)));
    projection = register("out_proj", new Projection(dim));
    this.dropout = register("dropout", new Dropout(dropout));
  }

  private static Initializer start(int dim) {
    float bound = (float) Math.sqrt(6.0 / (dim + 3 * dim));
    return new Initializer.Uniform(-bound, bound);
  }

  static MultiHeadAttention of(Spec spec) {
    spec.allow("dim", "heads", "dropout", "causal");
    return new MultiHeadAttention(
        spec.integer("dim"),
        spec.integer("heads"),
        spec.number("dropout", 0),
        spec.flag("causal", false));
  }

  /** Self-attention. */
  @Override
  public Tensor forward(Tensor x) {
    return self(x, new Attention.Mask(isCausal, null));
  }

  /**
   * Self-attention.
   *
   * @param visible 1 where a position (row) may look at another (column), else 0; stretches to [n,
   *     heads, t, t]; null for everywhere
   */
  public Tensor forward(Tensor x, Tensor visible) {
    return self(x, new Attention.Mask(false, visible));
  }

  private Tensor self(Tensor x, Attention.Mask mask) {
    requireSequences(x);
    requireStretching(mask, x, x);
    Tensor all = Linear.of(x, weight.tensor(), bias.tensor());
    if (isDropping()) {
      Tensor visible = mask.isCausal() ? causal(x.size(1)) : mask.visible();
      Tensor keys = all.slice(2, dim, 2 * dim);
      return attend(all.slice(2, 0, dim), keys, all.slice(2, 2 * dim, 3 * dim), visible);
    }
    return projection.forward(Attention.self(all, heads, mask));
  }

  /**
   * Attention of {@code query} [n, t, dim] to {@code memory} [n, s, dim].
   *
   * @param visible as above, stretching to [n, heads, t, s]
   */
  public Tensor forward(Tensor query, Tensor memory, Tensor visible) {
    requireSequences(query);
    requireSequences(memory);
    Attention.Mask mask = new Attention.Mask(false, visible);
    requireStretching(mask, query, memory);
    Tensor q = part(query, 0, 1);
    Tensor both = part(memory, 1, 3);
    if (isDropping()) {
      return attend(q, both.slice(2, 0, dim), both.slice(2, dim, 2 * dim), visible);
    }
    return projection.forward(Attention.of(q, both, heads, mask));
  }

  /** Whether the shares need a mask of their own. */
  private boolean isDropping() {
    return isTraining() && p > 0;
  }

  private void requireStretching(Attention.Mask mask, Tensor query, Tensor memory) {
    Shape scores = Shape.of(query.size(0), heads, query.size(1), memory.size(1));
    if (query.size(0) != memory.size(0)
        || mask.visible() != null
            && !Shape.broadcast("visible", mask.visible().shape(), scores).equals(scores)) {
      throw new ShapeException(
          "%s: query %s, memory %s, visible %s: as many sequences in both, and visible stretching"
                  .formatted(toSpec(), query.shape(), memory.shape(), shapeOf(mask.visible()))
              + " to "
              + scores
              + "; unsqueeze or expand it");
    }
  }

  private static Object shapeOf(Tensor visible) {
    return visible == null ? "everywhere" : visible.shape();
  }

  private void requireSequences(Tensor x) {
    if (x.shape().rank() != 3 || x.size(2) != dim) {
      throw new ShapeException(
          "%s: input %s must be [n,t,%d]; set dim to its features, or unsqueeze or transpose it"
              .formatted(toSpec(), x.shape(), dim));
    }
  }

  private Tensor part(Tensor x, int from, int to) {
    return Linear.of(
        x,
        weight.tensor().slice(0, from * dim, to * dim).contiguous(),
        bias.tensor().slice(0, from * dim, to * dim).contiguous());
  }

  private Tensor attend(Tensor q, Tensor k, Tensor v, Tensor visible) {
    Tensor scores = split(q).matmul(split(k).t()).mul(Math.sqrt((double) heads / dim));
    Tensor seen = visible == null ? scores : scores.maskedFill(visible.eq(0), HIDDEN);
    Tensor shares = dropout.forward(dev.kindling.autograd.ops.Softmax.of(seen));
    Tensor joined = shares.matmul(split(v)).transpose(1, 2).reshape(q.size(0), q.size(1), dim);
    return projection.forward(joined);
  }

  /** [n, t, dim] -> [n, heads, t, dim / heads]. */
  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), x.size(1), heads, dim / heads).transpose(1, 2);
  }

  /** 1 where the column is not behind the row: position i sees 0 to i. */
  public static Tensor causal(int length) {
    Tensor position = Tensor.arange(length);
    return position.unsqueeze(1).ge(position);
  }

  @Override
  protected Spec describe() {
    return Spec.of("MultiHeadAttention", "dim", dim, "heads", heads)
        .with("dropout", p, 0.0)
        .with("causal", isCausal, false);
  }
}
