package dev.kindling.spark.config;

/** A configuration that cannot be used: the message names the file, the key and the mend. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public ConfigException(String message) {
    super(message);
  }

  /** An error with its whole message and its cause. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
