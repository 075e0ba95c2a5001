package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of products with few columns, one vector wide: {@code C[8, vector] = A[8, k] B[k,
 * vector]}, every element one chain of fused multiply-adds over ascending k, from zero. Eight
 * chains hide the latency of two units. {@code rows} reads A row-major, {@code columns} its
 * transpose.
 */
final class SlimTiles {
  static final int HEIGHT = 8;

  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;

  private SlimTiles() {}

  static void rows(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] c,
      int cOffset,
      int ldc) {
    int a0 = aOffset;
    int a1 = aOffset + 1 * lda;
    int a2 = aOffset + 2 * lda;
    int a3 = aOffset + 3 * lda;
    int a4 = aOffset + 4 * lda;
    int a5 = aOffset + 5 * lda;
    int a6 = aOffset + 6 * lda;
    int a7 = aOffset + 7 * lda;
    FloatVector c0 = FloatVector.zero(SPECIES);
    FloatVector c1 = FloatVector.zero(SPECIES);
    FloatVector c2 = FloatVector.zero(SPECIES);
    FloatVector c3 = FloatVector.zero(SPECIES);
    FloatVector c4 = FloatVector.zero(SPECIES);
    FloatVector c5 = FloatVector.zero(SPECIES);
    FloatVector c6 = FloatVector.zero(SPECIES);
    FloatVector c7 = FloatVector.zero(SPECIES);
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      c0 = FloatVector.broadcast(SPECIES, a[a0 + p]).fma(x, c0);
      c1 = FloatVector.broadcast(SPECIES, a[a1 + p]).fma(x, c1);
      c2 = FloatVector.broadcast(SPECIES, a[a2 + p]).fma(x, c2);
      c3 = FloatVector.broadcast(SPECIES, a[a3 + p]).fma(x, c3);
      c4 = FloatVector.broadcast(SPECIES, a[a4 + p]).fma(x, c4);
      c5 = FloatVector.broadcast(SPECIES, a[a5 + p]).fma(x, c5);
      c6 = FloatVector.broadcast(SPECIES, a[a6 + p]).fma(x, c6);
      c7 = FloatVector.broadcast(SPECIES, a[a7 + p]).fma(x, c7);
      at += ldb;
    }
    c0.intoArray(c, cOffset);
    c1.intoArray(c, cOffset + 1 * ldc);
    c2.intoArray(c, cOffset + 2 * ldc);
    c3.intoArray(c, cOffset + 3 * ldc);
    c4.intoArray(c, cOffset + 4 * ldc);
    c5.intoArray(c, cOffset + 5 * ldc);
    c6.intoArray(c, cOffset + 6 * ldc);
    c7.intoArray(c, cOffset + 7 * ldc);
  }

  static void columns(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] c,
      int cOffset,
      int ldc) {
    FloatVector c0 = FloatVector.zero(SPECIES);
    FloatVector c1 = FloatVector.zero(SPECIES);
    FloatVector c2 = FloatVector.zero(SPECIES);
    FloatVector c3 = FloatVector.zero(SPECIES);
    FloatVector c4 = FloatVector.zero(SPECIES);
    FloatVector c5 = FloatVector.zero(SPECIES);
    FloatVector c6 = FloatVector.zero(SPECIES);
    FloatVector c7 = FloatVector.zero(SPECIES);
    int q = aOffset;
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      c0 = FloatVector.broadcast(SPECIES, a[q]).fma(x, c0);
      c1 = FloatVector.broadcast(SPECIES, a[q + 1]).fma(x, c1);
      c2 = FloatVector.broadcast(SPECIES, a[q + 2]).fma(x, c2);
      c3 = FloatVector.broadcast(SPECIES, a[q + 3]).fma(x, c3);
      c4 = FloatVector.broadcast(SPECIES, a[q + 4]).fma(x, c4);
      c5 = FloatVector.broadcast(SPECIES, a[q + 5]).fma(x, c5);
      c6 = FloatVector.broadcast(SPECIES, a[q + 6]).fma(x, c6);
      c7 = FloatVector.broadcast(SPECIES, a[q + 7]).fma(x, c7);
      at += ldb;
      q += lda;
    }
    c0.intoArray(c, cOffset);
    c1.intoArray(c, cOffset + 1 * ldc);
    c2.intoArray(c, cOffset + 2 * ldc);
    c3.intoArray(c, cOffset + 3 * ldc);
    c4.intoArray(c, cOffset + 4 * ldc);
    c5.intoArray(c, cOffset + 5 * ldc);
    c6.intoArray(c, cOffset + 6 * ldc);
    c7.intoArray(c, cOffset + 7 * ldc);
  }
}
