package dev.kindling.tensor;

/** Shapes that do not fit: the message names the operation, both shapes and the mend. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public ShapeException(String message) {
    super(message);
  }
}
