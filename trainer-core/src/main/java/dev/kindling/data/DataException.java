package dev.kindling.data;

/**
 * Data that cannot be used: the message names the file or row, the reason and the mend. The command
 * line ends with exit code 3.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public DataException(String message) {
    super(message);
  }

  /** An error with its whole message and what brought it about. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
