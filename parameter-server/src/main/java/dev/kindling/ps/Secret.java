package dev.kindling.ps;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/** What both ends of a connection must know. Immutable; never printed. */
public final class Secret implements Serializable {
  private static final long serialVersionUID = 1;

  /** A shorter secret could be guessed from one recorded handshake. */
  public static final int SHORTEST = 16;

  private static final int DRAWN = 32;

  private final byte[] bytes;

  private Secret(byte[] bytes, String source) {
    if (bytes.length < SHORTEST) {
      throw new IllegalArgumentException(
          "the secret from %s has %d bytes; it must have at least %d, e.g. from: openssl rand -hex 32"
              .formatted(source, bytes.length, SHORTEST));
    }
    this.bytes = bytes;
  }

  /** 256 random bits, for one run. */
  public static Secret random() {
    byte[] bytes = new byte[DRAWN];
    new SecureRandom().nextBytes(bytes);
    return new Secret(bytes, "the random generator");
  }

  /** A text; white space at its ends does not count. */
  public static Secret of(String text, String source) {
    return new Secret(text.strip().getBytes(StandardCharsets.UTF_8), source);
  }

  /** The content of a file; white space at its ends does not count. */
  public static Secret fromFile(Path file) throws IOException {
    return of(Files.readString(file), file.toString());
  }

  /** The value of an environment variable, from {@link System#getenv()}. */
  public static Secret fromEnvironment(Map<String, String> environment, String variable) {
    String text = environment.get(variable);
    if (text == null) {
      throw new IllegalArgumentException(
          "the environment variable %s, which should hold the secret, is not set"
              .formatted(variable));
    }
    return of(text, "the environment variable " + variable);
  }

  /** A copy of the key. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public String toString() {
    return "secret of " + bytes.length + " bytes";
  }
}
