package dev.kindling.spark.job;

/** A run that did not come to its end. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds that callers tell apart. */
  public enum Kind {
    /** The cluster cannot run it, or lost too much. */
    CLUSTER,
    /** The loss is no longer a number. */
    DIVERGED,
    /** A worker cannot compute it: the network does not fit the data, memory is short. */
    WORKER,
    /** Somebody asked it to stop. */
    INTERRUPTED
  }

  private final Kind kind;

  /** An error with its kind and cause. */
  public TrainingException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind it is. */
  public Kind kind() {
    return kind;
  }
}
