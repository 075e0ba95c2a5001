package dev.kindling.io;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** The element types that are read from safetensors files; F32 alone is written. */
public enum DType {
  /** IEEE float of 32 bits. */
  F32(4, FloatBuffer::allocate, (from, into) -> ((FloatBuffer) into).put(from.asFloatBuffer())),
  /** IEEE float of 16 bits, widened to 32 on reading. */
  F16(2, FloatBuffer::allocate, (from, into) -> HalfFloats.widenFloat16(from, (FloatBuffer) into)),
  /** The upper half of a float of 32 bits, widened to 32 on reading. */
  BF16(
      2, FloatBuffer::allocate, (from, into) -> HalfFloats.widenBFloat16(from, (FloatBuffer) into)),
  /** Unsigned byte. */
  U8(1, ByteBuffer::allocate, (from, into) -> ((ByteBuffer) into).put(from)),
  /** Signed integer of 32 bits. */
  I32(4, IntBuffer::allocate, (from, into) -> ((IntBuffer) into).put(from.asIntBuffer())),
  /** Signed integer of 64 bits. */
  I64(8, LongBuffer::allocate, (from, into) -> ((LongBuffer) into).put(from.asLongBuffer()));

  private final int bytes;
  private final Allocation allocation;
  private final Decoding decoding;

  DType(int bytes, Allocation allocation, Decoding decoding) {
    this.bytes = bytes;
    this.allocation = allocation;
    this.decoding = decoding;
  }

  /** Bytes of one element in the file. */
  public int bytes() {
    return bytes;
  }

  Buffer allocate(int elements) {
    return allocation.allocate(elements);
  }

  /** Appends all elements of a little-endian chunk. */
  void decode(ByteBuffer chunk, Buffer into) {
    decoding.decode(chunk, into);
  }

  @FunctionalInterface
  private interface Allocation {
    Buffer allocate(int elements);
  }

  @FunctionalInterface
  private interface Decoding {
    void decode(ByteBuffer from, Buffer into);
  }
}
