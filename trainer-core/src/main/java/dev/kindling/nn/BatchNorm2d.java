package dev.kindling.nn;

import dev.kindling.spec.Spec;

/** Batch normalisation of [n, c, h, w]; see {@link BatchNorm}. */
public final class BatchNorm2d extends BatchNorm {
  private static final long serialVersionUID = 1L;

  /** With eps 1e-5, momentum 0.1, weight and bias. */
  public BatchNorm2d(int features) {
    this(features, EPS, MOMENTUM, true);
  }

  /** A layer for so many channels. */
  public BatchNorm2d(int features, double eps, double momentum, boolean isAffine) {
    super(features, eps, momentum, isAffine);
  }

  BatchNorm2d(Spec spec) {
    super(spec);
  }

  @Override
  boolean allows(int rank) {
    return rank == 4;
  }
}
