package dev.kindling.data;

/** How a row keeps its features. */
public enum ElementType {
  /** One unsigned byte each. */
  UINT8(1),
  /** One little-endian IEEE float of 32 bits each. */
  FLOAT32(Float.BYTES);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
