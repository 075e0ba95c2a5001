package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What looks at the form of numbers, over a whole number of vectors: the compiler of Java 17 finds
 * none in a loop that ends early, nor in one over the bits of floats.
 */
final class VectorBits {
  /** A whole number of these is checked at once: four accumulators, so that none is waited for. */
  static final int STRIDE = 4 * VectorTiles.LANES;

  private VectorBits() {}

  /** Zero times an element is zero, or NaN from the first that is not finite on. */
  static boolean isFinite(float[] x, int at, int whole) {
    FloatVector zero = FloatVector.zero(VectorTiles.SPECIES);
    FloatVector a = zero;
    FloatVector b = zero;
    FloatVector c = zero;
    FloatVector d = zero;
    for (int i = at; i < at + whole; i += STRIDE) {
      a = FloatVector.fromArray(VectorTiles.SPECIES, x, i).fma(zero, a);
      b = FloatVector.fromArray(VectorTiles.SPECIES, x, i + VectorTiles.LANES).fma(zero, b);
      c = FloatVector.fromArray(VectorTiles.SPECIES, x, i + 2 * VectorTiles.LANES).fma(zero, c);
      d = FloatVector.fromArray(VectorTiles.SPECIES, x, i + 3 * VectorTiles.LANES).fma(zero, d);
    }
    return !a.add(b).add(c.add(d)).test(VectorOperators.IS_NAN).anyTrue();
  }

  static void roundToBFloat16(float[] x, int at, int whole) {
    for (int i = at; i < at + whole; i += VectorTiles.LANES) {
      IntVector bits = FloatVector.fromArray(VectorTiles.SPECIES, x, i).reinterpretAsInts();
      VectorMask<Integer> isNaN =
          bits.and(Integer.MAX_VALUE).compare(VectorOperators.GT, BFloat16.INFINITE);
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      bits.add(odd)
          .add(BFloat16.HALF)
          .blend(bits.or(BFloat16.QUIET), isNaN)
          .and(BFloat16.UPPER)
          .reinterpretAsFloats()
          .intoArray(x, i);
    }
  }
}
