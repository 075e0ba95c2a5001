package dev.kindling.optim;

/**
 * A rule that scales the step of each tensor by a ratio of two norms, those of the tensor and of
 * its direction. The norms need every element of the tensor before any may move, so a step has two
 * phases: {@link #direction} for all ranges, then {@link #update} with {@link Update#trust} set.
 */
public sealed interface TrustRatio extends Optimizer permits LARS, LAMB {

  /** Writes the direction to {@link Update#next}; changes nothing else. */
  void direction(Update range);

  /**
   * The factor on the step of one tensor.
   *
   * @param parameterNorm L2 norm of the tensor
   * @param directionNorm L2 norm of what {@link #direction} wrote for it
   */
  double ratio(double parameterNorm, double directionNorm);
}
