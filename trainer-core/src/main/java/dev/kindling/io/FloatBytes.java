package dev.kindling.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Floats as little-endian bytes, chunk by chunk: for files, checksums and digests. */
public final class FloatBytes {
  /** Bytes of a chunk at most. */
  public static final int CHUNK = 1 << 16;

  private FloatBytes() {}

  /** Takes a chunk; the buffer is filled again after the call. */
  @FunctionalInterface
  public interface Sink<E extends Exception> {
    /** Takes the bytes from position to limit. */
    void accept(ByteBuffer chunk) throws E;
  }

  /** Hands the values from position to limit to the sink; leaves the buffer as it was. */
  public static <E extends Exception> void forEachChunk(FloatBuffer values, Sink<E> sink) throws E {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer view = chunk.asFloatBuffer();
    int end = values.limit();
    for (int at = values.position(); at < end; at += view.capacity()) {
      int count = Math.min(view.capacity(), end - at);
      view.put(0, values, at, count);
      sink.accept(chunk.clear().limit(count * Float.BYTES));
    }
  }

  /** The bytes of one range in a new array. */
  public static byte[] of(float[] array, int offset, int length) {
    byte[] bytes = new byte[Math.multiplyExact(length, Float.BYTES)];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(array, offset, length);
    return bytes;
  }

  static void write(FloatBuffer values, OutputStream out) throws IOException {
    FloatBytes.<IOException>forEachChunk(
        values, chunk -> out.write(chunk.array(), chunk.arrayOffset(), chunk.limit()));
  }
}
