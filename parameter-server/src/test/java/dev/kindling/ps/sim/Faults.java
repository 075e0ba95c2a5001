package dev.kindling.ps.sim;

/**
 * What goes wrong in a simulated run.
 *
 * @param servers shard processes
 * @param loss share of the messages that are lost
 * @param doubling share of the messages that arrive twice
 * @param delay longest time on the way; messages overtake each other within it
 * @param workerCrashes how often all workers are started again
 * @param shardCrashes how often the shards come back from a checkpoint under a new term
 * @param sabotage what is broken on purpose, to see that it is noticed
 */
record Faults(
    int servers,
    double loss,
    double doubling,
    int delay,
    int workerCrashes,
    int shardCrashes,
    Sabotage sabotage) {

  /** Ways to break the protocol. */
  enum Sabotage {
    NONE,
    /** A push counts for whatever step is open. */
    NO_STEP_FENCE,
    /** A recovery forgets the optimizer's state. */
    FORGOTTEN_STATE,
    /** A checkpoint holds the values one step too late. */
    LATE_CHECKPOINT
  }

  static Faults none() {
    return new Faults(1, 0, 0, 1, 0, 0, Sabotage.NONE);
  }

  static Faults many(int servers) {
    return new Faults(servers, 0.1, 0.1, 40, 3, 2, Sabotage.NONE);
  }

  Faults with(Sabotage broken) {
    return new Faults(servers, loss, doubling, delay, workerCrashes, shardCrashes, broken);
  }
}
