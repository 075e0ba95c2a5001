package dev.kindling.train;

/**
 * Guards parameters that arrive bucket by bucket: forward begins with its first layers while those
 * of the later ones are still on their way.
 */
@FunctionalInterface
public interface BucketGate {
  /** Everything is here. */
  BucketGate OPEN = bucket -> {};

  /** Waits until a bucket of the parameters may be read. */
  void await(int bucket);
}
