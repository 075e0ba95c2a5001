package dev.kindling.ps.transport;

import dev.kindling.ps.wire.FloatMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A frame with floats that is encoded as the socket takes it, piece by piece: the kernel reads each
 * piece while it is still in the cache, and no buffer ever holds the whole frame. Every transport
 * of Netty hands a {@link FileRegion} its socket. Used by one event loop.
 */
final class FloatFrame extends AbstractReferenceCounted implements FileRegion {
  private static final int VALUES = 16 << 10;
  private static final int PIECE = FloatMessage.LONGEST_HEAD + VALUES * Float.BYTES;

  private final FloatMessage message;
  private final ByteBufAllocator allocator;
  private final long length;
  private ByteBuf piece;
  private int encoded;
  private long transferred;

  FloatFrame(FloatMessage message, ByteBufAllocator allocator) {
    this.message = message;
    this.allocator = allocator;
    length = message.frameLength();
  }

  /** Whether a message is longer than a piece. */
  static boolean isWorthwhile(FloatMessage message) {
    return message.frameLength() > PIECE;
  }

  /** Writes until all has left or the socket takes no more; what was encoded for it is kept. */
  @Override
  public long transferTo(WritableByteChannel target, long position) throws IOException {
    if (position != transferred) {
      throw new IllegalArgumentException(
          "%s: byte %d was asked for, %d follows".formatted(message, position, transferred));
    }
    long before = transferred;
    boolean isTaken = true;
    while (isTaken && transferred < length) {
      isTaken = write(target);
    }
    return transferred - before;
  }

  /** Writes the rest of a piece; returns whether all of it was taken. */
  private boolean write(WritableByteChannel target) throws IOException {
    if (piece == null) {
      piece = allocator.directBuffer(PIECE, PIECE);
    }
    if (!piece.isReadable()) {
      encode();
    }
    int written = target.write(piece.internalNioBuffer(piece.readerIndex(), piece.readableBytes()));
    piece.skipBytes(Math.max(0, written));
    transferred += Math.max(0, written);
    if (transferred == length) {
      deallocate();
    }
    return piece == null || !piece.isReadable();
  }

  private void encode() {
    piece.clear();
    if (transferred == 0) {
      message.encodeHead(piece);
    }
    int to = Math.min(message.floats().length(), encoded + VALUES);
    message.encoding().write(message.floats(), encoded, to, piece);
    encoded = to;
  }

  @Override
  protected void deallocate() {
    if (piece != null) {
      piece.release();
      piece = null;
    }
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Override
  @Deprecated
  public long transfered() {
    return transferred;
  }

  @Override
  public long count() {
    return length;
  }

  @Override
  public FileRegion retain() {
    super.retain();
    return this;
  }

  @Override
  public FileRegion retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public FileRegion touch() {
    return this;
  }

  @Override
  public FileRegion touch(Object hint) {
    return this;
  }
}
