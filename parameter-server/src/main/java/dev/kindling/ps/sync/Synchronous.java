package dev.kindling.ps.sync;

/**
 * Every step takes the gradient of every replica, added along the replica tree. The same replica
 * may be computed by several workers: what arrives first counts, and the bits are the same.
 *
 * @param backups how many workers more than one compute each replica; whoever starts the workers
 *     sees to it, the shards take any number
 */
public record Synchronous(int backups) implements Policy {
  /** Each replica is computed by one worker. */
  public Synchronous() {
    this(0);
  }

  /** Checks the number. */
  public Synchronous {
    if (backups < 0) {
      throw new IllegalArgumentException(
          "backups of each replica: %d; it must be 0 or more".formatted(backups));
    }
  }
}
