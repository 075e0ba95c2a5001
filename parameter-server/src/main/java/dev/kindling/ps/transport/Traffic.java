package dev.kindling.ps.transport;

import java.util.concurrent.atomic.LongAdder;

/**
 * What goes through the sockets of a server, counted as frames: under TLS a little more travels.
 * Thread-safe.
 */
public final class Traffic {
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();

  void received(long bytes) {
    received.add(bytes);
  }

  void sent(long bytes) {
    sent.add(bytes);
  }

  /** Bytes that have arrived. */
  public long bytesReceived() {
    return received.sum();
  }

  /** Bytes that were given to sockets, or wait to leave. */
  public long bytesSent() {
    return sent.sum();
  }
}
