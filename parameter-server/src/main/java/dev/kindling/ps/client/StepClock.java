package dev.kindling.ps.client;

/** Splits a worker's time into computing and waiting. Not thread-safe. */
final class StepClock {
  private static final long REPORT_NANOS = 200_000_000;

  private long computeNanos;
  private long waitNanos;
  private long since;
  private boolean computing;
  private long reported;

  void startWaiting() {
    long now = System.nanoTime();
    if (computing) {
      computeNanos += now - since;
    }
    since = now;
  }

  void startComputing() {
    long now = System.nanoTime();
    waitNanos += now - since;
    since = now;
    computing = true;
  }

  long computeNanos() {
    return computeNanos;
  }

  long waitNanos() {
    return waitNanos;
  }

  /** Five times a second. */
  boolean isReportDue() {
    boolean due = since - reported >= REPORT_NANOS || reported == 0;
    if (due) {
      reported = since;
    }
    return due;
  }
}
