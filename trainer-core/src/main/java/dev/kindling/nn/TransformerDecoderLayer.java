package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * Causal self-attention, attention to a memory, then two linear layers at every position, each with
 * what went in added and normalised (Vaswani et al., 2017). Shapes [n, t, dim] and [n, s, dim] ->
 * [n, t, dim]; names as in PyTorch.
 */
public final class TransformerDecoderLayer extends TransformerLayer {
  private static final long serialVersionUID = 1L;

  private final MultiHeadAttention selfAttention;
  private final MultiHeadAttention memoryAttention;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;

  /** Of the given sizes. */
  public TransformerDecoderLayer(TransformerSizes sizes) {
    super(sizes);
    selfAttention = register("self_attn", sizes.attention(sizes.isCausal()));
    memoryAttention = register("multihead_attn", sizes.attention(false));
    registerFeedforward();
    norm1 = register("norm1", new LayerNorm(sizes.dim()));
    norm2 = register("norm2", new LayerNorm(sizes.dim()));
    norm3 = register("norm3", new LayerNorm(sizes.dim()));
  }

  static TransformerDecoderLayer of(Spec spec) {
    return new TransformerDecoderLayer(TransformerSizes.read(spec, true));
  }

  /** Alone, as in a Sequential, the memory is the input itself. */
  @Override
  public Tensor forward(Tensor x) {
    return forward(x, x);
  }

  /** With what an encoder made of the other sequence. */
  public Tensor forward(Tensor x, Tensor memory) {
    Tensor self = around(x, norm1, selfAttention::forward);
    Tensor both = around(self, norm2, y -> memoryAttention.forward(y, memory, null));
    return around(both, norm3, this::feedforward);
  }

  @Override
  protected Spec describe() {
    return sizes.write(Spec.of("TransformerDecoderLayer"), true);
  }
}
