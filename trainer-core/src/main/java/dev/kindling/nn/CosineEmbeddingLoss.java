package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = y > 0 ? 1 - cos(a, b) : max(0, cos(a, b) - margin)} of two vectors that belong
 * together (y = 1) or not (y = -1). Outputs are the pairs [n, 2, d], targets [n, 1]; the margin is
 * 0 unless given.
 */
public final class CosineEmbeddingLoss implements Loss {
  private static final long serialVersionUID = 1L;

  private final double margin;

  /** With margin 0. */
  public CosineEmbeddingLoss() {
    this(0);
  }

  /** With a margin. */
  public CosineEmbeddingLoss(double margin) {
    this.margin = margin;
  }

  static CosineEmbeddingLoss of(Spec spec) {
    return new CosineEmbeddingLoss(spec.allow("margin").number("margin", 0));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    Tensor[] pair = Losses.vectors("CosineEmbeddingLoss", output, 2);
    Tensor cosine = Losses.unit(pair[0]).mul(Losses.unit(pair[1])).sum(1);
    Tensor y = Targets.values("CosineEmbeddingLoss", cosine.unsqueeze(1), target).squeeze(1);
    return Tensor.where(y.gt(0), cosine.neg().add(1), cosine.sub(margin).relu());
  }

  @Override
  public Spec toSpec() {
    return Spec.of("CosineEmbeddingLoss").with("margin", margin, 0.0);
  }
}
