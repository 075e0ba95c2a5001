package dev.kindling.ps.wire;

/** Where a message leaves: a connection, or a simulated network. Thread-safe. */
@FunctionalInterface
public interface Outbox {
  /** Sends a message; floats are read before or after the call returns. */
  void send(Message message);

  /** Whether less waits to leave than should; what is less urgent waits elsewhere otherwise. */
  default boolean isWritable() {
    return true;
  }
}
