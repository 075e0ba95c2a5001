package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * Self-attention, then two linear layers at every position, each with what went in added and
 * normalised (Vaswani et al., 2017). Shapes [n, t, dim] -> the same; names as in PyTorch.
 */
public final class TransformerEncoderLayer extends TransformerLayer {
  private static final long serialVersionUID = 1L;

  private final MultiHeadAttention attention;
  private final LayerNorm norm1;
  private final LayerNorm norm2;

  /** Of the given sizes. */
  public TransformerEncoderLayer(TransformerSizes sizes) {
    super(sizes);
    attention = register("self_attn", sizes.attention(sizes.isCausal()));
    registerFeedforward();
    norm1 = register("norm1", new LayerNorm(sizes.dim()));
    norm2 = register("norm2", new LayerNorm(sizes.dim()));
  }

  static TransformerEncoderLayer of(Spec spec) {
    return new TransformerEncoderLayer(TransformerSizes.read(spec, false));
  }

  @Override
  public Tensor forward(Tensor x) {
    return around(around(x, norm1, attention::forward), norm2, this::feedforward);
  }

  /**
   * With a mask.
   *
   * @param visible as in {@link MultiHeadAttention#forward(Tensor, Tensor)}
   */
  public Tensor forward(Tensor x, Tensor visible) {
    Tensor attended = around(x, norm1, y -> attention.forward(y, visible));
    return around(attended, norm2, this::feedforward);
  }

  @Override
  protected Spec describe() {
    return sizes.write(Spec.of("TransformerEncoderLayer"), false);
  }
}
