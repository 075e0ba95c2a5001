package dev.kindling.ps.transport;

import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Values;

/** What a run's driver may ask of the server that holds it; called by one thread at a time. */
public interface DriverSession {
  /**
   * Where initial values belong.
   *
   * @throws dev.kindling.ps.wire.WireException if none are awaited, or not these
   */
  Floats target(Values header, int length);

  /** Takes a message. */
  void receive(Message message);

  /** The driver is gone. */
  void closed();
}
