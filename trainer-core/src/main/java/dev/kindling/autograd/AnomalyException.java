package dev.kindling.autograd;

/** An operation made NaN or infinity; the message names it, its shapes and its inputs. */
public final class AnomalyException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public AnomalyException(String message) {
    super(message);
  }
}
