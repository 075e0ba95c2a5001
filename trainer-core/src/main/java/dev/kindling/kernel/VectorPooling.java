package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Pooling of two by two, the first channels of each window: a whole number of vectors. */
final class VectorPooling {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;

  private VectorPooling() {}

  static void maxOfFour(
      int whole,
      int windows,
      int n,
      float[] x,
      int top,
      int below,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt) {
    for (int w = 0; w < windows; w++) {
      int above = top + 2 * w * n;
      int under = below + 2 * w * n;
      int to = w * n;
      for (int c = 0; c < whole; c += LANES) {
        FloatVector most = FloatVector.fromArray(SPECIES, x, above + c);
        FloatVector which = FloatVector.zero(SPECIES);
        FloatVector next = FloatVector.fromArray(SPECIES, x, above + n + c);
        VectorMask<Float> isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(1, isLarger);
        next = FloatVector.fromArray(SPECIES, x, under + c);
        isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(2, isLarger);
        next = FloatVector.fromArray(SPECIES, x, under + n + c);
        isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(3, isLarger);
        most.intoArray(y, yAt + to + c);
        which.intoArray(chosen, chosenAt + to + c);
      }
    }
  }

  static void gradientOfFour(
      int whole,
      int windows,
      int n,
      float[] g,
      int gAt,
      float[] chosen,
      int chosenAt,
      float[] y,
      int yAt,
      float above,
      float[] dx,
      int top,
      int below) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int w = 0; w < windows; w++) {
      int upper = top + 2 * w * n;
      int under = below + 2 * w * n;
      int from = w * n;
      for (int c = 0; c < whole; c += LANES) {
        FloatVector which = FloatVector.fromArray(SPECIES, chosen, chosenAt + from + c);
        FloatVector passed =
            zero.blend(
                FloatVector.fromArray(SPECIES, g, gAt + from + c),
                FloatVector.fromArray(SPECIES, y, yAt + from + c)
                    .compare(VectorOperators.GT, above));
        zero.blend(passed, which.compare(VectorOperators.EQ, 0)).intoArray(dx, upper + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 1)).intoArray(dx, upper + n + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 2)).intoArray(dx, under + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 3)).intoArray(dx, under + n + c);
      }
    }
  }
}
