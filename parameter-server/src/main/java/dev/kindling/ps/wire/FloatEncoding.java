package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;

/** How floats travel. */
public enum FloatEncoding {
  /** As they are. */
  FLOAT32(0, Float.BYTES) {
    @Override
    public void write(Floats floats, ByteBuf out) {
      int bytes = floats.length() * Float.BYTES;
      out.ensureWritable(bytes);
      out.nioBuffer(out.writerIndex(), bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .put(floats.array(), floats.offset(), floats.length());
      out.writerIndex(out.writerIndex() + bytes);
    }

    @Override
    public void read(ByteBuf in, float[] into, int offset, int length) {
      int bytes = length * Float.BYTES;
      in.nioBuffer(in.readerIndex(), bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(into, offset, length);
      in.skipBytes(bytes);
    }
  };

  private final int code;
  private final int bytes;

  FloatEncoding(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** Bytes of a value. */
  public int bytes() {
    return bytes;
  }

  /** Writes the values at the writer index. */
  public abstract void write(Floats floats, ByteBuf out);

  /** Reads so many values, which must be readable. */
  public abstract void read(ByteBuf in, float[] into, int offset, int length);

  /** The encoding of that number; a {@link WireException} if there is none. */
  public static FloatEncoding of(int code) {
    for (FloatEncoding encoding : values()) {
      if (encoding.code == code) {
        return encoding;
      }
    }
    throw new WireException("float encoding " + code + " is unknown");
  }
}
