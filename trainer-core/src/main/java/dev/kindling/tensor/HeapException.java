package dev.kindling.tensor;

/** More memory is needed than the heap may have. */
public final class HeapException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public HeapException(String message) {
    super(message);
  }
}
