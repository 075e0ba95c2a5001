package dev.kindling.ps.transport;

import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;

/** Says where arriving floats belong, before they arrive. */
interface FloatTargets {
  /**
   * The place for the floats that follow this header.
   *
   * @return null to drop the message
   * @throws dev.kindling.ps.wire.WireException if there can be no such message
   */
  Floats open(FloatMessage header, int length);

  /** The connection ended before all floats arrived. */
  void cancel(Floats target);
}
