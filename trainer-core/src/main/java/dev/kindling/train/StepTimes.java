package dev.kindling.train;

/** Nanoseconds spent in each part of the steps since the last reset. Not thread-safe. */
public final class StepTimes {
  /** Gathering rows into the input. */
  public long batch;

  /** Forward and loss. */
  public long forward;

  /** Backward. */
  public long backward;

  /** Adding along the replica tree and handing over buckets. */
  public long exchange;

  /** Waiting for the next version of the parameters. */
  public long wait;

  /** The update rule, where this thread applied it. */
  public long optimizer;

  /** Steps counted. */
  public long steps;

  /** Starts again from zero. */
  public void reset() {
    batch = 0;
    forward = 0;
    backward = 0;
    exchange = 0;
    wait = 0;
    optimizer = 0;
    steps = 0;
  }
}
