package dev.kindling.ps.shard;

/**
 * A copy of the values and the optimizer's state at the version that a run goes back to when a
 * gradient is not finite. Not thread-safe; the lock of the steps guards it.
 */
final class KeptVersion {
  private final float[] values;
  private final float[][] state;
  private long version;
  private int uses;

  /** Keeps what is in the storage at a version. */
  KeptVersion(ShardStorage storage, long version) {
    values = new float[storage.values(version).length];
    state = new float[storage.state().length][values.length];
    keep(storage, version);
  }

  /** Keeps this version in place of the one before. */
  void keep(ShardStorage storage, long newer) {
    version = newer;
    uses = 0;
    System.arraycopy(storage.values(newer), 0, values, 0, values.length);
    for (int i = 0; i < state.length; i++) {
      System.arraycopy(storage.state()[i], 0, state[i], 0, values.length);
    }
  }

  /** Which version is kept. */
  long version() {
    return version;
  }

  /** How often the run went back to it. */
  int uses() {
    return uses;
  }

  /** The run goes back to it. */
  void use() {
    uses++;
  }

  /**
   * Copies the first {@code valuesLength} values of a range to {@code next}, and the whole range's
   * state.
   */
  void restore(ShardStorage storage, float[] next, int from, int length, int valuesLength) {
    System.arraycopy(values, from, next, from, valuesLength);
    for (int i = 0; i < state.length; i++) {
      System.arraycopy(state[i], from, storage.state()[i], from, length);
    }
  }
}
