package dev.kindling.ps.transport;

/**
 * Times and sizes of a connection. Immutable.
 *
 * @param handshakeMillis a handshake must be over after so long
 * @param connectMillis a connection must stand after so long
 * @param silenceMillis a peer that says nothing for so long is given up; a sixth of it without
 *     traffic makes either side say that it is alive
 * @param lowWatermark bytes waiting to leave at which a sender that paused goes on
 * @param highWatermark bytes waiting to leave at which a sender pauses
 */
public record SocketOptions(
    int handshakeMillis,
    int connectMillis,
    int silenceMillis,
    int lowWatermark,
    int highWatermark) {
  private static final int ALIVE_IN_SILENCE = 6;
  private static final int MOST_END_MILLIS = 10_000;
  private static final int MIB = 1 << 20;

  /** 10 s, 10 s, 60 s, 2 MiB, 8 MiB. */
  public static SocketOptions defaults() {
    return new SocketOptions(10_000, 10_000, 60_000, 2 * MIB, 8 * MIB);
  }

  int aliveMillis() {
    return silenceMillis / ALIVE_IN_SILENCE;
  }

  /** What waits to leave when a connection is to end has ten seconds, and less than silence has. */
  int endMillis() {
    return Math.min(silenceMillis, MOST_END_MILLIS);
  }
}
