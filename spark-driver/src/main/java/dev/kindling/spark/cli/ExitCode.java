package dev.kindling.spark.cli;

/** What the command line returns. */
final class ExitCode {
  static final int DONE = 0;
  static final int USAGE = 2;
  static final int DATA = 3;
  static final int CLUSTER = 4;
  static final int DIVERGED = 5;
  static final int INTERRUPTED = 130;

  /** An error that no other code names: a defect, or a full disk. */
  static final int FAILED = 1;

  private ExitCode() {}
}
