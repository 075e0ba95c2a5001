package dev.kindling.ps.wire;

/** Bytes that are no message of this protocol. The connection they came from is closed. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what was expected and what came. */
  public WireException(String message) {
    super(message);
  }
}
