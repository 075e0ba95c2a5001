package dev.kindling.ps.sync;

/**
 * Stale synchronous steps (Ho et al., 2013): a worker may compute step t with any version from t -
 * bound on, so that nobody waits for a worker that is less than so many steps behind. Each step is
 * still the sum over all replicas along the tree, applied in order. With a bound of 0 the bits are
 * those of {@link Synchronous}; otherwise they depend on which versions were read. When workers
 * start again in the middle of a step, it is computed again, perhaps from another version: buckets
 * that had the step behind them keep the first gradient, the others take the second.
 *
 * @param bound how many versions the values of a step may be old
 */
public record BoundedStaleness(int bound) implements Policy {
  /** Checks the bound. */
  public BoundedStaleness {
    if (bound < 0) {
      throw new IllegalArgumentException(
          "the bound of staleness is %d; it must be 0 or more".formatted(bound));
    }
  }
}
