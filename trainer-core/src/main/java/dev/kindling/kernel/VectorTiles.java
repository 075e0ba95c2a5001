package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of the matrix product: {@code C[r, 2 vectors] = from[r, 2 vectors] + A[r, k] B[k,
 * 2 vectors]}, every element one chain of fused multiply-adds over ascending k. The sum goes on
 * from C itself, or begins with a row of zeros whose stride is 0.
 *
 * <p>Two vectors of C a row stay in registers: 12 rows fill the 32 registers of AVX-512, 4 rows the
 * 16 of AVX2. One method for each height, written out, and no vector crosses a method's border: on
 * Java 17 the compiler otherwise boxes them. {@code rows} tiles read A row-major, {@code columns}
 * tiles its transpose.
 */
final class VectorTiles {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();

  /** Columns of a tile. */
  static final int WIDTH = 2 * LANES;

  private VectorTiles() {}

  static void rows12(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
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
    int a8 = aOffset + 8 * lda;
    int a9 = aOffset + 9 * lda;
    int a10 = aOffset + 10 * lda;
    int a11 = aOffset + 11 * lda;
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    FloatVector c4x = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom);
    FloatVector c4y = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom + LANES);
    FloatVector c5x = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom);
    FloatVector c5y = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom + LANES);
    FloatVector c6x = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom);
    FloatVector c6y = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom + LANES);
    FloatVector c7x = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom);
    FloatVector c7y = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom + LANES);
    FloatVector c8x = FloatVector.fromArray(SPECIES, from, fromOffset + 8 * ldFrom);
    FloatVector c8y = FloatVector.fromArray(SPECIES, from, fromOffset + 8 * ldFrom + LANES);
    FloatVector c9x = FloatVector.fromArray(SPECIES, from, fromOffset + 9 * ldFrom);
    FloatVector c9y = FloatVector.fromArray(SPECIES, from, fromOffset + 9 * ldFrom + LANES);
    FloatVector c10x = FloatVector.fromArray(SPECIES, from, fromOffset + 10 * ldFrom);
    FloatVector c10y = FloatVector.fromArray(SPECIES, from, fromOffset + 10 * ldFrom + LANES);
    FloatVector c11x = FloatVector.fromArray(SPECIES, from, fromOffset + 11 * ldFrom);
    FloatVector c11y = FloatVector.fromArray(SPECIES, from, fromOffset + 11 * ldFrom + LANES);
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[a1 + p]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[a2 + p]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[a3 + p]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      v = FloatVector.broadcast(SPECIES, a[a4 + p]);
      c4x = v.fma(x, c4x);
      c4y = v.fma(y, c4y);
      v = FloatVector.broadcast(SPECIES, a[a5 + p]);
      c5x = v.fma(x, c5x);
      c5y = v.fma(y, c5y);
      v = FloatVector.broadcast(SPECIES, a[a6 + p]);
      c6x = v.fma(x, c6x);
      c6y = v.fma(y, c6y);
      v = FloatVector.broadcast(SPECIES, a[a7 + p]);
      c7x = v.fma(x, c7x);
      c7y = v.fma(y, c7y);
      v = FloatVector.broadcast(SPECIES, a[a8 + p]);
      c8x = v.fma(x, c8x);
      c8y = v.fma(y, c8y);
      v = FloatVector.broadcast(SPECIES, a[a9 + p]);
      c9x = v.fma(x, c9x);
      c9y = v.fma(y, c9y);
      v = FloatVector.broadcast(SPECIES, a[a10 + p]);
      c10x = v.fma(x, c10x);
      c10y = v.fma(y, c10y);
      v = FloatVector.broadcast(SPECIES, a[a11 + p]);
      c11x = v.fma(x, c11x);
      c11y = v.fma(y, c11y);
      at += ldb;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
    c4x.intoArray(c, cOffset + 4 * ldc);
    c4y.intoArray(c, cOffset + 4 * ldc + LANES);
    c5x.intoArray(c, cOffset + 5 * ldc);
    c5y.intoArray(c, cOffset + 5 * ldc + LANES);
    c6x.intoArray(c, cOffset + 6 * ldc);
    c6y.intoArray(c, cOffset + 6 * ldc + LANES);
    c7x.intoArray(c, cOffset + 7 * ldc);
    c7y.intoArray(c, cOffset + 7 * ldc + LANES);
    c8x.intoArray(c, cOffset + 8 * ldc);
    c8y.intoArray(c, cOffset + 8 * ldc + LANES);
    c9x.intoArray(c, cOffset + 9 * ldc);
    c9y.intoArray(c, cOffset + 9 * ldc + LANES);
    c10x.intoArray(c, cOffset + 10 * ldc);
    c10y.intoArray(c, cOffset + 10 * ldc + LANES);
    c11x.intoArray(c, cOffset + 11 * ldc);
    c11y.intoArray(c, cOffset + 11 * ldc + LANES);
  }

  static void rows8(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
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
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    FloatVector c4x = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom);
    FloatVector c4y = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom + LANES);
    FloatVector c5x = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom);
    FloatVector c5y = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom + LANES);
    FloatVector c6x = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom);
    FloatVector c6y = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom + LANES);
    FloatVector c7x = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom);
    FloatVector c7y = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom + LANES);
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[a1 + p]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[a2 + p]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[a3 + p]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      v = FloatVector.broadcast(SPECIES, a[a4 + p]);
      c4x = v.fma(x, c4x);
      c4y = v.fma(y, c4y);
      v = FloatVector.broadcast(SPECIES, a[a5 + p]);
      c5x = v.fma(x, c5x);
      c5y = v.fma(y, c5y);
      v = FloatVector.broadcast(SPECIES, a[a6 + p]);
      c6x = v.fma(x, c6x);
      c6y = v.fma(y, c6y);
      v = FloatVector.broadcast(SPECIES, a[a7 + p]);
      c7x = v.fma(x, c7x);
      c7y = v.fma(y, c7y);
      at += ldb;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
    c4x.intoArray(c, cOffset + 4 * ldc);
    c4y.intoArray(c, cOffset + 4 * ldc + LANES);
    c5x.intoArray(c, cOffset + 5 * ldc);
    c5y.intoArray(c, cOffset + 5 * ldc + LANES);
    c6x.intoArray(c, cOffset + 6 * ldc);
    c6y.intoArray(c, cOffset + 6 * ldc + LANES);
    c7x.intoArray(c, cOffset + 7 * ldc);
    c7y.intoArray(c, cOffset + 7 * ldc + LANES);
  }

  static void rows4(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    int a0 = aOffset;
    int a1 = aOffset + 1 * lda;
    int a2 = aOffset + 2 * lda;
    int a3 = aOffset + 3 * lda;
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[a1 + p]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[a2 + p]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[a3 + p]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      at += ldb;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
  }

  static void rows1(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    int a0 = aOffset;
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      at += ldb;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
  }

  static void columns12(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    FloatVector c4x = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom);
    FloatVector c4y = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom + LANES);
    FloatVector c5x = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom);
    FloatVector c5y = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom + LANES);
    FloatVector c6x = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom);
    FloatVector c6y = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom + LANES);
    FloatVector c7x = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom);
    FloatVector c7y = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom + LANES);
    FloatVector c8x = FloatVector.fromArray(SPECIES, from, fromOffset + 8 * ldFrom);
    FloatVector c8y = FloatVector.fromArray(SPECIES, from, fromOffset + 8 * ldFrom + LANES);
    FloatVector c9x = FloatVector.fromArray(SPECIES, from, fromOffset + 9 * ldFrom);
    FloatVector c9y = FloatVector.fromArray(SPECIES, from, fromOffset + 9 * ldFrom + LANES);
    FloatVector c10x = FloatVector.fromArray(SPECIES, from, fromOffset + 10 * ldFrom);
    FloatVector c10y = FloatVector.fromArray(SPECIES, from, fromOffset + 10 * ldFrom + LANES);
    FloatVector c11x = FloatVector.fromArray(SPECIES, from, fromOffset + 11 * ldFrom);
    FloatVector c11y = FloatVector.fromArray(SPECIES, from, fromOffset + 11 * ldFrom + LANES);
    int q = aOffset;
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[q]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[q + 1]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[q + 2]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[q + 3]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      v = FloatVector.broadcast(SPECIES, a[q + 4]);
      c4x = v.fma(x, c4x);
      c4y = v.fma(y, c4y);
      v = FloatVector.broadcast(SPECIES, a[q + 5]);
      c5x = v.fma(x, c5x);
      c5y = v.fma(y, c5y);
      v = FloatVector.broadcast(SPECIES, a[q + 6]);
      c6x = v.fma(x, c6x);
      c6y = v.fma(y, c6y);
      v = FloatVector.broadcast(SPECIES, a[q + 7]);
      c7x = v.fma(x, c7x);
      c7y = v.fma(y, c7y);
      v = FloatVector.broadcast(SPECIES, a[q + 8]);
      c8x = v.fma(x, c8x);
      c8y = v.fma(y, c8y);
      v = FloatVector.broadcast(SPECIES, a[q + 9]);
      c9x = v.fma(x, c9x);
      c9y = v.fma(y, c9y);
      v = FloatVector.broadcast(SPECIES, a[q + 10]);
      c10x = v.fma(x, c10x);
      c10y = v.fma(y, c10y);
      v = FloatVector.broadcast(SPECIES, a[q + 11]);
      c11x = v.fma(x, c11x);
      c11y = v.fma(y, c11y);
      at += ldb;
      q += lda;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
    c4x.intoArray(c, cOffset + 4 * ldc);
    c4y.intoArray(c, cOffset + 4 * ldc + LANES);
    c5x.intoArray(c, cOffset + 5 * ldc);
    c5y.intoArray(c, cOffset + 5 * ldc + LANES);
    c6x.intoArray(c, cOffset + 6 * ldc);
    c6y.intoArray(c, cOffset + 6 * ldc + LANES);
    c7x.intoArray(c, cOffset + 7 * ldc);
    c7y.intoArray(c, cOffset + 7 * ldc + LANES);
    c8x.intoArray(c, cOffset + 8 * ldc);
    c8y.intoArray(c, cOffset + 8 * ldc + LANES);
    c9x.intoArray(c, cOffset + 9 * ldc);
    c9y.intoArray(c, cOffset + 9 * ldc + LANES);
    c10x.intoArray(c, cOffset + 10 * ldc);
    c10y.intoArray(c, cOffset + 10 * ldc + LANES);
    c11x.intoArray(c, cOffset + 11 * ldc);
    c11y.intoArray(c, cOffset + 11 * ldc + LANES);
  }

  static void columns8(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    FloatVector c4x = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom);
    FloatVector c4y = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * ldFrom + LANES);
    FloatVector c5x = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom);
    FloatVector c5y = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * ldFrom + LANES);
    FloatVector c6x = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom);
    FloatVector c6y = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * ldFrom + LANES);
    FloatVector c7x = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom);
    FloatVector c7y = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * ldFrom + LANES);
    int q = aOffset;
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[q]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[q + 1]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[q + 2]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[q + 3]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      v = FloatVector.broadcast(SPECIES, a[q + 4]);
      c4x = v.fma(x, c4x);
      c4y = v.fma(y, c4y);
      v = FloatVector.broadcast(SPECIES, a[q + 5]);
      c5x = v.fma(x, c5x);
      c5y = v.fma(y, c5y);
      v = FloatVector.broadcast(SPECIES, a[q + 6]);
      c6x = v.fma(x, c6x);
      c6y = v.fma(y, c6y);
      v = FloatVector.broadcast(SPECIES, a[q + 7]);
      c7x = v.fma(x, c7x);
      c7y = v.fma(y, c7y);
      at += ldb;
      q += lda;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
    c4x.intoArray(c, cOffset + 4 * ldc);
    c4y.intoArray(c, cOffset + 4 * ldc + LANES);
    c5x.intoArray(c, cOffset + 5 * ldc);
    c5y.intoArray(c, cOffset + 5 * ldc + LANES);
    c6x.intoArray(c, cOffset + 6 * ldc);
    c6y.intoArray(c, cOffset + 6 * ldc + LANES);
    c7x.intoArray(c, cOffset + 7 * ldc);
    c7y.intoArray(c, cOffset + 7 * ldc + LANES);
  }

  static void columns4(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c1x = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom);
    FloatVector c1y = FloatVector.fromArray(SPECIES, from, fromOffset + 1 * ldFrom + LANES);
    FloatVector c2x = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom);
    FloatVector c2y = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * ldFrom + LANES);
    FloatVector c3x = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom);
    FloatVector c3y = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * ldFrom + LANES);
    int q = aOffset;
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[q]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      v = FloatVector.broadcast(SPECIES, a[q + 1]);
      c1x = v.fma(x, c1x);
      c1y = v.fma(y, c1y);
      v = FloatVector.broadcast(SPECIES, a[q + 2]);
      c2x = v.fma(x, c2x);
      c2y = v.fma(y, c2y);
      v = FloatVector.broadcast(SPECIES, a[q + 3]);
      c3x = v.fma(x, c3x);
      c3y = v.fma(y, c3y);
      at += ldb;
      q += lda;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
    c1x.intoArray(c, cOffset + 1 * ldc);
    c1y.intoArray(c, cOffset + 1 * ldc + LANES);
    c2x.intoArray(c, cOffset + 2 * ldc);
    c2y.intoArray(c, cOffset + 2 * ldc + LANES);
    c3x.intoArray(c, cOffset + 3 * ldc);
    c3y.intoArray(c, cOffset + 3 * ldc + LANES);
  }

  static void columns1(
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    FloatVector c0x = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c0y = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    int q = aOffset;
    int at = bOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.fromArray(SPECIES, b, at);
      FloatVector y = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, a[q]);
      c0x = v.fma(x, c0x);
      c0y = v.fma(y, c0y);
      at += ldb;
      q += lda;
    }
    c0x.intoArray(c, cOffset);
    c0y.intoArray(c, cOffset + LANES);
  }
}
