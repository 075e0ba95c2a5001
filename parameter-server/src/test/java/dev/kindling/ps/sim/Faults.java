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
 * @param standbys whether each process has a standby, which takes its place; else all come back
 *     from a checkpoint
 * @param killPoint where in its work a shard process is killed
 * @param sabotage what is broken on purpose, to see that it is noticed
 */
record Faults(
    int servers,
    double loss,
    double doubling,
    int delay,
    int workerCrashes,
    int shardCrashes,
    boolean standbys,
    KillPoint killPoint,
    Sabotage sabotage) {

  /** Moments in the work of a shard process. */
  enum KillPoint {
    NEVER,
    /** The last gradient of a bucket's step is here, and nothing is done with it. */
    BEFORE_APPLY,
    /** The bucket has its new version, and nobody was told, not even the checkpoint. */
    AFTER_APPLY,
    /** All is done but to send the new values. */
    BEFORE_ACKNOWLEDGING
  }

  /** Ways to break the protocol. */
  enum Sabotage {
    NONE,
    /** A push counts for whatever step is open. */
    NO_STEP_FENCE,
    /** A recovery forgets the optimizer's state. */
    FORGOTTEN_STATE,
    /** A checkpoint holds the values one step too late. */
    LATE_CHECKPOINT,
    /** Workers are sent what the standby may not have. */
    EARLY_RELEASE
  }

  static Faults none() {
    return new Faults(1, 0, 0, 1, 0, 0, false, KillPoint.NEVER, Sabotage.NONE);
  }

  static Faults many(int servers) {
    return new Faults(servers, 0.1, 0.1, 40, 3, 2, false, KillPoint.NEVER, Sabotage.NONE);
  }

  static Faults killed(int servers, KillPoint point) {
    return new Faults(servers, 0.05, 0.05, 20, 1, 0, false, point, Sabotage.NONE);
  }

  /** Each process or its standby is lost at some time, or at this point of its work. */
  static Faults standbys(int servers, KillPoint point) {
    return new Faults(servers, 0.05, 0.05, 20, 1, 0, true, point, Sabotage.NONE);
  }

  Faults with(Sabotage broken) {
    return new Faults(
        servers, loss, doubling, delay, workerCrashes, shardCrashes, standbys, killPoint, broken);
  }
}
