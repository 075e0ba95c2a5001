package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link CellKernels} in vectors, once they are compiled. */
final class VectorCells extends CellKernels {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;
  private static final int SAMPLE = 24 * LANES;
  private static final int CELL = 4;
  private static final int GRADIENT = 16;

  private final WarmUp cell;
  private final WarmUp gradient;
  private final WarmUp product;
  private final WarmUp interpolation;
  private final WarmUp gruGradient;

  VectorCells(WarmUp.Policy policy) {
    cell = policy.of("lstm", VectorCells::cellSample);
    gradient = policy.of("lstmGradient", VectorCells::gradientSample);
    product = policy.of("product", VectorCells::productSample);
    interpolation = policy.of("interpolate", VectorCells::interpolationSample);
    gruGradient = policy.of("gruGradient", VectorCells::gruSample);
  }

  private static Runnable cellSample() {
    float[] x = new float[4 * SAMPLE];
    return () -> cells(x, 0, SAMPLE, x, 0, x, 0, SAMPLE);
  }

  private static Runnable gradientSample() {
    float[] x = new float[4 * SAMPLE];
    float[] y = new float[4 * SAMPLE];
    return () -> gradients(x, 0, SAMPLE, x, 0, x, 0, x, 0, y, 0, y, 0, SAMPLE);
  }

  private static Runnable productSample() {
    float[] x = new float[SAMPLE];
    return () -> products(x, 0, x, 0, x, 0, SAMPLE);
  }

  private static Runnable interpolationSample() {
    float[] x = new float[SAMPLE];
    return () -> interpolations(x, 0, x, 0, x, 0, x, 0, SAMPLE);
  }

  private static Runnable gruSample() {
    float[] x = new float[4 * SAMPLE];
    float[] y = new float[4 * SAMPLE];
    return () -> gruGradients(x, 0, SAMPLE, x, 0, x, 0, y, 0, SAMPLE);
  }

  private static int whole(WarmUp warmUp, int work, int n) {
    return warmUp.isOver(work * n) ? n - n % LANES : 0;
  }

  @Override
  public void lstm(
      float[] gates, int at, int size, int n, float[] c, int cAt, float[] next, int nextAt) {
    int whole = whole(cell, CELL, n);
    cells(gates, at, size, c, cAt, next, nextAt, whole);
    lstm(whole, gates, at, size, n, c, cAt, next, nextAt);
  }

  private static void cells(
      float[] gates, int at, int size, float[] c, int cAt, float[] next, int nextAt, int whole) {
    for (int j = 0; j < whole; j += LANES) {
      FloatVector added =
          FloatVector.fromArray(SPECIES, gates, at + j)
              .mul(FloatVector.fromArray(SPECIES, gates, at + 2 * size + j));
      FloatVector.fromArray(SPECIES, gates, at + size + j)
          .fma(FloatVector.fromArray(SPECIES, c, cAt + j), added)
          .intoArray(next, nextAt + j);
    }
  }

  @Override
  public void lstmGradient(
      float[] gates,
      int at,
      int size,
      float[] c,
      int cAt,
      float[] squashed,
      int squashedAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] dGates,
      int dAt) {
    int whole = whole(gradient, GRADIENT, size);
    gradients(
        gates, at, size, c, cAt, squashed, squashedAt, dh, dhAt, dc, dcAt, dGates, dAt, whole);
    lstmGradient(
        whole, gates, at, size, c, cAt, squashed, squashedAt, dh, dhAt, dc, dcAt, dGates, dAt);
  }

  private static void gradients(
      float[] gates,
      int at,
      int size,
      float[] c,
      int cAt,
      float[] squashed,
      int squashedAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] dGates,
      int dAt,
      int whole) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    for (int j = 0; j < whole; j += LANES) {
      FloatVector i = FloatVector.fromArray(SPECIES, gates, at + j);
      FloatVector f = FloatVector.fromArray(SPECIES, gates, at + size + j);
      FloatVector g = FloatVector.fromArray(SPECIES, gates, at + 2 * size + j);
      FloatVector o = FloatVector.fromArray(SPECIES, gates, at + 3 * size + j);
      FloatVector s = FloatVector.fromArray(SPECIES, squashed, squashedAt + j);
      FloatVector h = FloatVector.fromArray(SPECIES, dh, dhAt + j);
      FloatVector before = FloatVector.fromArray(SPECIES, dc, dcAt + j);
      FloatVector d = h.mul(o).fma(one.sub(s.mul(s)), before);
      FloatVector cell = FloatVector.fromArray(SPECIES, c, cAt + j);
      d.mul(g).mul(i.mul(one.sub(i))).intoArray(dGates, dAt + j);
      d.mul(cell).mul(f.mul(one.sub(f))).intoArray(dGates, dAt + size + j);
      d.mul(i).mul(one.sub(g.mul(g))).intoArray(dGates, dAt + 2 * size + j);
      h.mul(s).mul(o.mul(one.sub(o))).intoArray(dGates, dAt + 3 * size + j);
      d.mul(f).intoArray(dc, dcAt + j);
    }
  }

  @Override
  public void product(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int n) {
    int whole = whole(product, 1, n);
    products(a, aAt, b, bAt, y, yAt, whole);
    super.product(a, aAt + whole, b, bAt + whole, y, yAt + whole, n - whole);
  }

  private static void products(
      float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int whole) {
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + i)
          .mul(FloatVector.fromArray(SPECIES, b, bAt + i))
          .intoArray(y, yAt + i);
    }
  }

  @Override
  public void interpolate(
      float[] n, int nAt, float[] z, int zAt, float[] h, int hAt, float[] y, int yAt, int size) {
    int whole = whole(interpolation, CELL, size);
    interpolations(n, nAt, z, zAt, h, hAt, y, yAt, whole);
    interpolate(whole, n, nAt, z, zAt, h, hAt, y, yAt, size);
  }

  private static void interpolations(
      float[] n, int nAt, float[] z, int zAt, float[] h, int hAt, float[] y, int yAt, int whole) {
    for (int i = 0; i < whole; i += LANES) {
      FloatVector to = FloatVector.fromArray(SPECIES, n, nAt + i);
      FloatVector.fromArray(SPECIES, z, zAt + i)
          .fma(FloatVector.fromArray(SPECIES, h, hAt + i).sub(to), to)
          .intoArray(y, yAt + i);
    }
  }

  @Override
  public void gruGradient(
      float[] gates,
      int at,
      int size,
      float[] h,
      int hAt,
      float[] dh,
      int dhAt,
      float[] dGates,
      int dAt) {
    int whole = whole(gruGradient, GRADIENT, size);
    gruGradients(gates, at, size, h, hAt, dh, dhAt, dGates, dAt, whole);
    gruGradient(whole, gates, at, size, h, hAt, dh, dhAt, dGates, dAt);
  }

  private static void gruGradients(
      float[] gates,
      int at,
      int size,
      float[] h,
      int hAt,
      float[] dh,
      int dhAt,
      float[] dGates,
      int dAt,
      int whole) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    for (int j = 0; j < whole; j += LANES) {
      FloatVector r = FloatVector.fromArray(SPECIES, gates, at + j);
      FloatVector z = FloatVector.fromArray(SPECIES, gates, at + size + j);
      FloatVector n = FloatVector.fromArray(SPECIES, gates, at + 2 * size + j);
      FloatVector u = FloatVector.fromArray(SPECIES, gates, at + 3 * size + j);
      FloatVector d = FloatVector.fromArray(SPECIES, dh, dhAt + j);
      FloatVector da = d.mul(one.sub(z)).mul(one.sub(n.mul(n)));
      FloatVector before = FloatVector.fromArray(SPECIES, h, hAt + j);
      da.mul(u).mul(r.mul(one.sub(r))).intoArray(dGates, dAt + j);
      d.mul(before.sub(n)).mul(z.mul(one.sub(z))).intoArray(dGates, dAt + size + j);
      da.intoArray(dGates, dAt + 2 * size + j);
      da.mul(r).intoArray(dGates, dAt + 3 * size + j);
      d.mul(z).intoArray(dh, dhAt + j);
    }
  }
}
