package dev.kindling.ps.checkpoint;

import java.io.IOException;

/** A checkpoint that cannot be used: torn, or of another model. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says which file, what is wrong and what to do. */
  public CheckpointException(String message) {
    super(message);
  }

  /** The same, with what has shown it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
