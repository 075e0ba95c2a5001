package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link NormKernels} in vectors, once they are compiled. Where a vector has fewer than 16
 * elements, the lanes are taken part by part.
 */
final class VectorNorm extends NormKernels {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;
  private static final int SUM_LANES = Kernels.SUM_LANES;
  private static final int WORK = 8;

  private final WarmUp warmUp;

  VectorNorm(WarmUp.Policy policy) {
    warmUp = policy.of("layerNorm", VectorNorm::sample);
  }

  /** All loops, compiled together. */
  private static Runnable sample() {
    int n = 24 * SUM_LANES;
    float[] x = new float[n];
    float[] y = new float[2 * n];
    float[] lanes = new float[ROOM];
    return () -> {
      for (int part = 0; part < SUM_LANES; part += LANES) {
        sums(x, part, n, lanes, part);
        squareSums(x, part, n, 0, lanes, part);
        dots(x, part, 0, x, part, 0, n, lanes, part);
        products(x, part, x, part, 0, 1, x, part, n, lanes, part);
      }
      rows(x, 0, 0, 1, x, 0, x, 0, y, 0, n);
      centred(x, 0, 0, x, 0, 0, 1, y, 0, n);
      backward(x, 0, x, 0, 0, 1, x, 0, y, 0, y, 0, n, n, 0, 0);
    };
  }

  @Override
  void sums(float[] x, int at, int whole, float[] lanes) {
    if (!warmUp.isOver(WORK * whole)) {
      super.sums(x, at, whole, lanes);
      return;
    }
    for (int part = 0; part < SUM_LANES; part += LANES) {
      sums(x, at + part, whole, lanes, part);
    }
  }

  private static void sums(float[] x, int at, int whole, float[] lanes, int part) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += SUM_LANES) {
      sum = sum.add(FloatVector.fromArray(SPECIES, x, at + i));
    }
    sum.intoArray(lanes, part);
  }

  @Override
  void squareSums(float[] x, int at, int whole, float mean, float[] lanes) {
    if (!warmUp.isOver(WORK * whole)) {
      super.squareSums(x, at, whole, mean, lanes);
      return;
    }
    for (int part = 0; part < SUM_LANES; part += LANES) {
      squareSums(x, at + part, whole, mean, lanes, part);
    }
  }

  private static void squareSums(
      float[] x, int at, int whole, float mean, float[] lanes, int part) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += SUM_LANES) {
      FloatVector centred = FloatVector.fromArray(SPECIES, x, at + i).sub(mean);
      sum = centred.fma(centred, sum);
    }
    sum.intoArray(lanes, part);
  }

  @Override
  void products(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      int whole,
      float[] lanes) {
    if (!warmUp.isOver(WORK * whole)) {
      super.products(g, gAt, x, xAt, mean, scale, w, wAt, whole, lanes);
      return;
    }
    for (int part = 0; part < SUM_LANES; part += LANES) {
      products(g, gAt + part, x, xAt + part, mean, scale, w, wAt + part, whole, lanes, part);
    }
  }

  private static void products(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      int whole,
      float[] lanes,
      int part) {
    FloatVector first = FloatVector.zero(SPECIES);
    FloatVector second = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += SUM_LANES) {
      FloatVector weighted =
          FloatVector.fromArray(SPECIES, g, gAt + i)
              .mul(FloatVector.fromArray(SPECIES, w, wAt + i));
      FloatVector z = FloatVector.fromArray(SPECIES, x, xAt + i).sub(mean).mul(scale);
      first = first.add(weighted);
      second = weighted.fma(z, second);
    }
    first.intoArray(lanes, part);
    second.intoArray(lanes, SUM_LANES + part);
  }

  @Override
  int affines(
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int n) {
    int whole = warmUp.isOver(WORK * n) ? n - n % LANES : 0;
    rows(x, xAt, mean, scale, w, wAt, b, bAt, y, yAt, whole);
    return whole;
  }

  private static void rows(
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int whole) {
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xAt + i)
          .sub(mean)
          .mul(scale)
          .fma(
              FloatVector.fromArray(SPECIES, w, wAt + i),
              FloatVector.fromArray(SPECIES, b, bAt + i))
          .intoArray(y, yAt + i);
    }
  }

  @Override
  int gradients(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      int dwAt,
      int dbAt,
      int n,
      float first,
      float second) {
    int whole = warmUp.isOver(WORK * n) ? n - n % LANES : 0;
    backward(g, gAt, x, xAt, mean, scale, w, wAt, dx, dxAt, dw, dwAt, dbAt, whole, first, second);
    return whole;
  }

  private static void backward(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      int dwAt,
      int dbAt,
      int whole,
      float first,
      float second) {
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, g, gAt + i);
      FloatVector z = FloatVector.fromArray(SPECIES, x, xAt + i).sub(mean).mul(scale);
      v.fma(z, FloatVector.fromArray(SPECIES, dw, dwAt + i)).intoArray(dw, dwAt + i);
      FloatVector.fromArray(SPECIES, dw, dbAt + i).add(v).intoArray(dw, dbAt + i);
      v.mul(FloatVector.fromArray(SPECIES, w, wAt + i))
          .sub(first)
          .sub(z.mul(second))
          .mul(scale)
          .intoArray(dx, dxAt + i);
    }
  }

  @Override
  void dots(
      float[] a,
      int aAt,
      float meanOfA,
      float[] b,
      int bAt,
      float meanOfB,
      int whole,
      float[] lanes) {
    if (!warmUp.isOver(WORK * whole)) {
      super.dots(a, aAt, meanOfA, b, bAt, meanOfB, whole, lanes);
      return;
    }
    for (int part = 0; part < SUM_LANES; part += LANES) {
      dots(a, aAt + part, meanOfA, b, bAt + part, meanOfB, whole, lanes, part);
    }
  }

  private static void dots(
      float[] a,
      int aAt,
      float meanOfA,
      float[] b,
      int bAt,
      float meanOfB,
      int whole,
      float[] lanes,
      int part) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += SUM_LANES) {
      FloatVector first = FloatVector.fromArray(SPECIES, a, aAt + i).sub(meanOfA);
      FloatVector second = FloatVector.fromArray(SPECIES, b, bAt + i).sub(meanOfB);
      sum = sum.add(first.mul(second));
    }
    sum.intoArray(lanes, part);
  }

  @Override
  int centres(
      float[] x,
      int xAt,
      float mean,
      float[] z,
      int zAt,
      float slope,
      float scale,
      float[] y,
      int yAt,
      int n) {
    int whole = warmUp.isOver(WORK * n) ? n - n % LANES : 0;
    centred(x, xAt, mean, z, zAt, slope, scale, y, yAt, whole);
    return whole;
  }

  private static void centred(
      float[] x,
      int xAt,
      float mean,
      float[] z,
      int zAt,
      float slope,
      float scale,
      float[] y,
      int yAt,
      int whole) {
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xAt + i)
          .sub(mean)
          .sub(FloatVector.fromArray(SPECIES, z, zAt + i).mul(slope))
          .mul(scale)
          .intoArray(y, yAt + i);
    }
  }
}
