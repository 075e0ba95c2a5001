package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.wire.Outbox;

/** The driver at the other end of a connection, as a standalone server sees it. Thread-safe. */
public interface Caller extends Outbox {
  /** Says why and closes. */
  void refuse(Reason reason, String text);

  /** Ends the connection once what was sent has left, or after a while; does not wait. */
  void leave();
}
