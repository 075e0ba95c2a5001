package dev.kindling.io;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Floats of 16 bits, widened to 32 without loss. */
final class HalfFloats {
  private HalfFloats() {}

  static void widenFloat16(ByteBuffer from, FloatBuffer into) {
    short[] halves = shorts(from);
    float[] floats = new float[halves.length];
    for (int i = 0; i < halves.length; i++) {
      floats[i] = float16(halves[i]);
    }
    into.put(floats);
  }

  static void widenBFloat16(ByteBuffer from, FloatBuffer into) {
    short[] halves = shorts(from);
    float[] floats = new float[halves.length];
    for (int i = 0; i < halves.length; i++) {
      floats[i] = Float.intBitsToFloat(halves[i] << 16);
    }
    into.put(floats);
  }

  /** Sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
  static float float16(short half) {
    int sign = (half & 0x8000) << 16;
    int magnitude = (half & 0x7fff) << 13;
    int bits;
    if (magnitude >= 0x0f800000) { // infinity and NaN
      bits = magnitude | 0x7f800000;
    } else { // the biases differ by 112; the product is exact for subnormal numbers too
      bits = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * 0x1p112f);
    }
    return Float.intBitsToFloat(sign | bits);
  }

  private static short[] shorts(ByteBuffer from) {
    short[] halves = new short[from.remaining() / Short.BYTES];
    from.asShortBuffer().get(halves);
    return halves;
  }
}
