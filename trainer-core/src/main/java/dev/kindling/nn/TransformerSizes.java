package dev.kindling.nn;

import dev.kindling.spec.Spec;
import java.io.Serializable;

/**
 * The sizes of a transformer layer, with PyTorch's defaults.
 *
 * @param dim features of a position
 * @param heads of the attention
 * @param feedforward features of the inner layer; 2048 unless given
 * @param dropout after attention, inside and after the inner layer; 0.1 unless given
 * @param isNormFirst whether normalisation comes before each part instead of after its sum
 * @param isGelu whether the inner layer ends in GELU instead of ReLU
 * @param isCausal whether a position sees only those up to itself
 */
public record TransformerSizes(
    int dim,
    int heads,
    int feedforward,
    double dropout,
    boolean isNormFirst,
    boolean isGelu,
    boolean isCausal)
    implements Serializable {
  private static final int FEEDFORWARD = 2048;
  private static final double DROPOUT = 0.1;

  /** With an inner layer of the given size and without dropout, normalisation first, ReLU. */
  public static TransformerSizes preNorm(int dim, int heads, int feedforward) {
    return new TransformerSizes(dim, heads, feedforward, 0, true, false, false);
  }

  static TransformerSizes read(Spec spec, boolean isCausal) {
    spec.allow("dim", "heads", "feedforward", "dropout", "norm_first", "activation", "causal");
    return new TransformerSizes(
        spec.integer("dim"),
        spec.integer("heads"),
        spec.integer("feedforward", FEEDFORWARD),
        spec.number("dropout", DROPOUT),
        spec.flag("norm_first", false),
        spec.choice("activation", "relu", "relu", "gelu").equals("gelu"),
        spec.flag("causal", isCausal));
  }

  Spec write(Spec spec, boolean isCausalByDefault) {
    return spec.with("dim", dim, null)
        .with("heads", heads, null)
        .with("feedforward", feedforward, FEEDFORWARD)
        .with("dropout", dropout, DROPOUT)
        .with("norm_first", isNormFirst, false)
        .with("activation", isGelu ? "gelu" : "relu", "relu")
        .with("causal", isCausal, isCausalByDefault);
  }

  MultiHeadAttention attention(boolean isCausal) {
    return new MultiHeadAttention(dim, heads, dropout, isCausal);
  }

  Module activation() {
    return isGelu ? new GELU() : new ReLU();
  }
}
