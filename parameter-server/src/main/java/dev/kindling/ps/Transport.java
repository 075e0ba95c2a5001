package dev.kindling.ps;

/** How workers reach the shards: {@code servers.transport}. */
public enum Transport {
  /** In-process where worker and shards share the JVM, else a socket. */
  AUTO,
  /** In-process only; a worker in another JVM is an error. */
  IN_PROCESS,
  /** A socket, even inside one JVM. */
  SOCKET;

  /** Reads {@code auto}, {@code in-process} or {@code socket}. */
  public static Transport of(String name) {
    return switch (name) {
      case "auto" -> AUTO;
      case "in-process" -> IN_PROCESS;
      case "socket" -> SOCKET;
      default ->
          throw new IllegalArgumentException(
              "servers.transport is '%s'; it must be auto, in-process or socket".formatted(name));
    };
  }
}
