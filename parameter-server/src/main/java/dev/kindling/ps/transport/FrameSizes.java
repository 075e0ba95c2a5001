package dev.kindling.ps.transport;

import dev.kindling.ps.wire.Message;
import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/**
 * A message counts with the bytes of its frame from the moment it is sent, not only once the event
 * loop has encoded it: so the watermarks bound all that is on its way, and a worker that computes
 * faster than the network carries cannot pile up frames. Stateless.
 */
final class FrameSizes implements MessageSizeEstimator {
  private static final Handle BUFFERS = DefaultMessageSizeEstimator.DEFAULT.newHandle();

  @Override
  public Handle newHandle() {
    return FrameSizes::size;
  }

  private static int size(Object message) {
    if (message instanceof FileRegion frame) {
      return Math.toIntExact(frame.count());
    }
    return message instanceof Message m ? Math.toIntExact(m.frameLength()) : BUFFERS.size(message);
  }
}
