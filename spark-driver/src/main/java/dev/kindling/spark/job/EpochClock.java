package dev.kindling.spark.job;

/**
 * The wall time of an epoch's training steps: neither start-up nor evaluation, nor the gap after a
 * loss of workers. Thread-safe.
 */
final class EpochClock {
  private long start = System.nanoTime();
  private long lastStep;
  private boolean stepping;
  private boolean evaluating;
  private long done;

  /** A worker has come; the first step begins when the last one is there. */
  synchronized void joined() {
    if (!stepping) {
      start = System.nanoTime();
    }
  }

  /** The workers are started again: what follows the last step does not count. */
  synchronized void interrupted() {
    if (stepping) {
      done += lastStep - start;
      stepping = false;
    }
  }

  /** A step is done. */
  synchronized void stepped() {
    lastStep = System.nanoTime();
    stepping = true;
  }

  /** Test rows are evaluated amid the epoch, which does not count. */
  synchronized void pause() {
    stepped();
    done += lastStep - start;
    evaluating = true;
    stepping = false;
  }

  /** Steps go on. */
  synchronized void goOn() {
    if (evaluating) {
      evaluating = false;
      start = System.nanoTime();
    }
  }

  /** The epoch's last step is done; returns the seconds of all its steps. */
  synchronized double ended() {
    stepped();
    double seconds = (done + (evaluating ? 0 : lastStep - start)) * 1e-9;
    done = 0;
    stepping = false;
    evaluating = false;
    return seconds;
  }

  /** The next epoch begins. */
  synchronized void began() {
    start = System.nanoTime();
  }

  /** Seconds of this epoch so far. */
  synchronized double seconds() {
    return (done + (evaluating ? 0 : System.nanoTime() - start)) * 1e-9;
  }
}
