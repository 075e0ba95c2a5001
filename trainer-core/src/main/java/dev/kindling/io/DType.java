package dev.kindling.io;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** The element types that are read from safetensors files; F32 and I64 are written. */
public enum DType {
  /** IEEE float of 32 bits. */
  F32(4),
  /** IEEE float of 16 bits, widened to 32 on reading. */
  F16(2),
  /** The upper half of a float of 32 bits, widened to 32 on reading. */
  BF16(2),
  /** Unsigned byte. */
  U8(1),
  /** Signed integer of 32 bits. */
  I32(4),
  /** Signed integer of 64 bits. */
  I64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element in the file. */
  public int bytes() {
    return bytes;
  }

  /** A buffer for values as they are read. */
  Buffer allocate(int elements) {
    return switch (this) {
      case F32, F16, BF16 -> FloatBuffer.allocate(elements);
      case U8 -> ByteBuffer.allocate(elements);
      case I32 -> IntBuffer.allocate(elements);
      case I64 -> LongBuffer.allocate(elements);
    };
  }

  /** Appends all elements of a little-endian chunk. */
  void decode(ByteBuffer chunk, Buffer into) {
    switch (this) {
      case F32 -> ((FloatBuffer) into).put(chunk.asFloatBuffer());
      case F16 -> HalfFloats.widenFloat16(chunk, (FloatBuffer) into);
      case BF16 -> HalfFloats.widenBFloat16(chunk, (FloatBuffer) into);
      case U8 -> ((ByteBuffer) into).put(chunk);
      case I32 -> ((IntBuffer) into).put(chunk.asIntBuffer());
      case I64 -> ((LongBuffer) into).put(chunk.asLongBuffer());
    }
  }
}
