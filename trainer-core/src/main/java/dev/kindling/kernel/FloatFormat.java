package dev.kindling.kernel;

/** How a number is kept where it takes room: as it is, or rounded to two bytes. */
public enum FloatFormat {
  /** Four bytes: nothing is rounded. */
  FLOAT32(Float.BYTES) {
    @Override
    public void round(float[] x, int at, int length) {
      // every float32 is one
    }

    @Override
    public void encode(float[] x, int at, short[] into, int length) {
      throw new UnsupportedOperationException("float32 does not fit two bytes");
    }

    @Override
    public void decode(short[] from, float[] x, int at, int length) {
      throw new UnsupportedOperationException("float32 does not fit two bytes");
    }
  },
  /** See {@link BFloat16}. */
  BFLOAT16(Short.BYTES) {
    @Override
    public void round(float[] x, int at, int length) {
      Kernels.best().roundToBFloat16(x, at, length);
    }

    @Override
    public void encode(float[] x, int at, short[] into, int length) {
      BFloat16.encode(x, at, into, length);
    }

    @Override
    public void decode(short[] from, float[] x, int at, int length) {
      BFloat16.decode(from, x, at, length);
    }
  },
  /** See {@link Float16}. */
  FLOAT16(Short.BYTES) {
    @Override
    public void round(float[] x, int at, int length) {
      Float16.round(x, at, length);
    }

    @Override
    public void encode(float[] x, int at, short[] into, int length) {
      Float16.encode(x, at, into, length);
    }

    @Override
    public void decode(short[] from, float[] x, int at, int length) {
      Float16.decode(from, x, at, length);
    }
  };

  private final int bytes;

  FloatFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a number. */
  public int bytes() {
    return bytes;
  }

  /** Rounds {@code length} numbers from {@code at} to the nearest, ties to even, in place. */
  public abstract void round(float[] x, int at, int length);

  /** Writes the bits of {@code length} numbers from {@code at} to the start of {@code into}. */
  public abstract void encode(float[] x, int at, short[] into, int length);

  /** Reads the first {@code length} numbers of {@code from} to {@code at}. */
  public abstract void decode(short[] from, float[] x, int at, int length);
}
