package dev.kindling.io;

import java.io.IOException;

/** A safetensors file that cannot be read: the message names the file, the place and the mend. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public SafetensorsException(String message) {
    super(message);
  }
}
