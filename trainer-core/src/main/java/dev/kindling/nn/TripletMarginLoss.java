package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = max(0, |a - p| - |a - n| + margin)}: an anchor has to be nearer to the positive
 * than to the negative. Outputs are the triples [n, 3, d]: anchor, positive, negative; targets are
 * not looked at. The margin is 1 unless given; 1e-6 is added to every difference, as PyTorch does.
 */
public final class TripletMarginLoss implements Loss {
  private static final long serialVersionUID = 1L;
  private static final double EPS = 1e-6;

  private final double margin;

  /** With margin 1. */
  public TripletMarginLoss() {
    this(1);
  }

  /** With a margin. */
  public TripletMarginLoss(double margin) {
    this.margin = margin;
  }

  static TripletMarginLoss of(Spec spec) {
    return new TripletMarginLoss(spec.allow("margin").number("margin", 1));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    Tensor[] triple = Losses.vectors("TripletMarginLoss", output, 3);
    Tensor near = triple[0].sub(triple[1]).add(EPS).norm(1);
    Tensor far = triple[0].sub(triple[2]).add(EPS).norm(1);
    return near.sub(far).add(margin).relu();
  }

  @Override
  public Spec toSpec() {
    return Spec.of("TripletMarginLoss").with("margin", margin, 1.0);
  }
}
