package dev.kindling.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Unsigned bytes widened to floats; for vectors of at least eight floats. */
final class VectorPixels {
  /** Fewer floats would need a vector of fewer than eight bytes, which does not exist. */
  static final int FEWEST_LANES = 8;

  private static final VectorSpecies<Float> FLOATS = VectorTiles.SPECIES;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.length() * Byte.SIZE));

  private VectorPixels() {}

  /** Normalises a whole number of vectors. */
  static void normalise(byte[] x, int xAt, PixelScale by, float[] y, int yAt, int n) {
    if (by.reciprocal != 0) {
      multiply(x, xAt, by.scale, by.mean, by.deviation, by.reciprocal, y, yAt, n);
    } else {
      divide(x, xAt, by.scale, by.mean, by.deviation, y, yAt, n);
    }
  }

  private static void divide(
      byte[] x, int xAt, float scale, float mean, float deviation, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += FLOATS.length()) {
      // Sign-extended, then masked: the zero-extending conversion fails on Java 17.
      IntVector pixels =
          ((IntVector)
                  ByteVector.fromArray(BYTES, x, xAt + i)
                      .convertShape(VectorOperators.B2I, INTS, 0))
              .lanewise(VectorOperators.AND, 0xff);
      ((FloatVector) pixels.convertShape(VectorOperators.I2F, FLOATS, 0))
          .mul(scale)
          .sub(mean)
          .div(deviation)
          .intoArray(y, yAt + i);
    }
  }

  private static void multiply(
      byte[] x,
      int xAt,
      float scale,
      float mean,
      float deviation,
      float reciprocal,
      float[] y,
      int yAt,
      int n) {
    FloatVector inverse = FloatVector.broadcast(FLOATS, reciprocal);
    FloatVector negative = FloatVector.broadcast(FLOATS, -deviation);
    for (int i = 0; i < n; i += FLOATS.length()) {
      IntVector pixels =
          ((IntVector)
                  ByteVector.fromArray(BYTES, x, xAt + i)
                      .convertShape(VectorOperators.B2I, INTS, 0))
              .lanewise(VectorOperators.AND, 0xff);
      FloatVector centred =
          ((FloatVector) pixels.convertShape(VectorOperators.I2F, FLOATS, 0)).mul(scale).sub(mean);
      FloatVector quotient = centred.mul(inverse);
      quotient.fma(negative, centred).fma(inverse, quotient).intoArray(y, yAt + i);
    }
  }
}
