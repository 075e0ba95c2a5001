package dev.kindling.nn;

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
    requireSequences(x);
    return forward(x, isCausal ? causal(x.size(1)) : null);
  }

  /**
   * Self-attention.
   *
   * @param visible 1 where a position (row) may look at another (column), else 0; stretches to [n,
   *     heads, t, t]; null for everywhere
   */
  public Tensor forward(Tensor x, Tensor visible) {
    requireSequences(x);
    Tensor all = Linear.of(x, weight.tensor(), bias.tensor());
    return attend(
        all.slice(2, 0, dim), all.slice(2, dim, 2 * dim), all.slice(2, 2 * dim, 3 * dim), visible);
  }

  /**
   * Attention of {@code query} [n, t, dim] to {@code memory} [n, s, dim].
   *
   * @param visible as above, stretching to [n, heads, t, s]
   */
  public Tensor forward(Tensor query, Tensor memory, Tensor visible) {
    requireSequences(query);
    requireSequences(memory);
    Tensor q = part(query, 0, 1);
    Tensor both = part(memory, 1, 3);
    return attend(q, both.slice(2, 0, dim), both.slice(2, dim, 2 * dim), visible);
  }

  private void requireSequences(Tensor x) {
    if (x.shape().rank() != 3 || x.size(2) != dim) {
      throw new ShapeException("%s: input %s must be [n,t,%d]".formatted(toSpec(), x.shape(), dim));
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
