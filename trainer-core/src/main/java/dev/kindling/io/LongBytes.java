package dev.kindling.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** Whole numbers of 64 bits as little-endian bytes, chunk by chunk. */
final class LongBytes {
  private LongBytes() {}

  static void write(LongBuffer values, OutputStream out) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(FloatBytes.CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      chunk.clear();
      while (values.hasRemaining() && chunk.hasRemaining()) {
        chunk.putLong(values.get());
      }
      out.write(chunk.array(), 0, chunk.position());
    }
  }
}
