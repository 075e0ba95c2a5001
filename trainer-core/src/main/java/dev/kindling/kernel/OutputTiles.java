package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of a convolution's output: neighbouring places of a row against two vectors of
 * output channels. {@code taps} neighbouring elements of a window's row are worked off together:
 * fewer instructions that are no multiply-adds, and neighbours share what they read.
 *
 * <p>Written out, one loop a method, for the reason that {@link VectorTiles} gives: Java 17 boxes
 * the vectors that a loop inside a loop hands on.
 */
final class OutputTiles {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;
  private static final int WIDTH = VectorTiles.WIDTH;

  private OutputTiles() {}

  /** {@code y[i, o] = w[0, o] + sum over k of x[steps[k] + i] * w[1 + k, o]} for 14 i. */
  static void places14(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y4a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y4b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y5a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y5b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y6a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y6b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y7a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y7b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y8a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y8b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y9a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y9b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y10a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y10b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y11a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y11b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y12a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y12b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y13a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y13b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y8a = v.fma(a, y8a);
      y8b = v.fma(b, y8b);
      v = FloatVector.broadcast(SPECIES, x[from + 9]);
      y9a = v.fma(a, y9a);
      y9b = v.fma(b, y9b);
      v = FloatVector.broadcast(SPECIES, x[from + 10]);
      y10a = v.fma(a, y10a);
      y10b = v.fma(b, y10b);
      v = FloatVector.broadcast(SPECIES, x[from + 11]);
      y11a = v.fma(a, y11a);
      y11b = v.fma(b, y11b);
      v = FloatVector.broadcast(SPECIES, x[from + 12]);
      y12a = v.fma(a, y12a);
      y12b = v.fma(b, y12b);
      v = FloatVector.broadcast(SPECIES, x[from + 13]);
      y13a = v.fma(a, y13a);
      y13b = v.fma(b, y13b);
      at += WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
    y4a.intoArray(y, yAt + 4 * ldy);
    y4b.intoArray(y, yAt + 4 * ldy + LANES);
    y5a.intoArray(y, yAt + 5 * ldy);
    y5b.intoArray(y, yAt + 5 * ldy + LANES);
    y6a.intoArray(y, yAt + 6 * ldy);
    y6b.intoArray(y, yAt + 6 * ldy + LANES);
    y7a.intoArray(y, yAt + 7 * ldy);
    y7b.intoArray(y, yAt + 7 * ldy + LANES);
    y8a.intoArray(y, yAt + 8 * ldy);
    y8b.intoArray(y, yAt + 8 * ldy + LANES);
    y9a.intoArray(y, yAt + 9 * ldy);
    y9b.intoArray(y, yAt + 9 * ldy + LANES);
    y10a.intoArray(y, yAt + 10 * ldy);
    y10b.intoArray(y, yAt + 10 * ldy + LANES);
    y11a.intoArray(y, yAt + 11 * ldy);
    y11b.intoArray(y, yAt + 11 * ldy + LANES);
    y12a.intoArray(y, yAt + 12 * ldy);
    y12b.intoArray(y, yAt + 12 * ldy + LANES);
    y13a.intoArray(y, yAt + 13 * ldy);
    y13b.intoArray(y, yAt + 13 * ldy + LANES);
  }

  /** {@code y[i, o] = w[0, o] + sum over k of x[steps[k] + i] * w[1 + k, o]} for 8 i. */
  static void places8(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y4a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y4b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y5a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y5b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y6a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y6b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y7a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y7b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      at += WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
    y4a.intoArray(y, yAt + 4 * ldy);
    y4b.intoArray(y, yAt + 4 * ldy + LANES);
    y5a.intoArray(y, yAt + 5 * ldy);
    y5b.intoArray(y, yAt + 5 * ldy + LANES);
    y6a.intoArray(y, yAt + 6 * ldy);
    y6b.intoArray(y, yAt + 6 * ldy + LANES);
    y7a.intoArray(y, yAt + 7 * ldy);
    y7b.intoArray(y, yAt + 7 * ldy + LANES);
  }

  /** {@code y[i, o] = w[0, o] + sum over k of x[steps[k] + i] * w[1 + k, o]} for 4 i. */
  static void places4(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      at += WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
  }

  /** {@code y[i, o] = w[0, o] + sum over k of x[steps[k] + i] * w[1 + k, o]} for 1 i. */
  static void places1(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      at += WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
  }

  /**
   * {@code y[i, o] = w[0, o] + sum over k, j of x[steps[k] + i + j] * w[1 + 3 * k + j, o]} for 8 i,
   * 3 j.
   */
  static void places8Taps3(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y4a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y4b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y5a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y5b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y6a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y6b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y7a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y7b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 9]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      at += 3 * WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
    y4a.intoArray(y, yAt + 4 * ldy);
    y4b.intoArray(y, yAt + 4 * ldy + LANES);
    y5a.intoArray(y, yAt + 5 * ldy);
    y5b.intoArray(y, yAt + 5 * ldy + LANES);
    y6a.intoArray(y, yAt + 6 * ldy);
    y6b.intoArray(y, yAt + 6 * ldy + LANES);
    y7a.intoArray(y, yAt + 7 * ldy);
    y7b.intoArray(y, yAt + 7 * ldy + LANES);
  }

  /**
   * {@code y[i, o] = w[0, o] + sum over k, j of x[steps[k] + i + j] * w[1 + 3 * k + j, o]} for 7 i,
   * 3 j.
   */
  static void places7Taps3(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y4a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y4b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y5a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y5b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y6a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y6b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      a = FloatVector.fromArray(SPECIES, w, at + WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      a = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      at += 3 * WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
    y4a.intoArray(y, yAt + 4 * ldy);
    y4b.intoArray(y, yAt + 4 * ldy + LANES);
    y5a.intoArray(y, yAt + 5 * ldy);
    y5b.intoArray(y, yAt + 5 * ldy + LANES);
    y6a.intoArray(y, yAt + 6 * ldy);
    y6b.intoArray(y, yAt + 6 * ldy + LANES);
  }

  /**
   * {@code y[i, o] = w[0, o] + sum over k, j of x[steps[k] + i + j] * w[1 + 5 * k + j, o]} for 8 i,
   * 5 j.
   */
  static void places8Taps5(
      int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy) {
    FloatVector y0a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y0b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y1a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y1b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y2a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y2b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y3a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y3b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y4a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y4b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y5a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y5b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y6a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y6b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    FloatVector y7a = FloatVector.fromArray(SPECIES, w, wAt);
    FloatVector y7b = FloatVector.fromArray(SPECIES, w, wAt + LANES);
    int at = wAt + WIDTH;
    for (int k = 0; k < steps.length; k++) {
      int from = xAt + steps[k];
      FloatVector a = FloatVector.fromArray(SPECIES, w, at);
      FloatVector b = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x[from]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 1]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + 2 * WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 2]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 9]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + 3 * WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + 3 * WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 3]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 9]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 10]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      a = FloatVector.fromArray(SPECIES, w, at + 4 * WIDTH);
      b = FloatVector.fromArray(SPECIES, w, at + 4 * WIDTH + LANES);
      v = FloatVector.broadcast(SPECIES, x[from + 4]);
      y0a = v.fma(a, y0a);
      y0b = v.fma(b, y0b);
      v = FloatVector.broadcast(SPECIES, x[from + 5]);
      y1a = v.fma(a, y1a);
      y1b = v.fma(b, y1b);
      v = FloatVector.broadcast(SPECIES, x[from + 6]);
      y2a = v.fma(a, y2a);
      y2b = v.fma(b, y2b);
      v = FloatVector.broadcast(SPECIES, x[from + 7]);
      y3a = v.fma(a, y3a);
      y3b = v.fma(b, y3b);
      v = FloatVector.broadcast(SPECIES, x[from + 8]);
      y4a = v.fma(a, y4a);
      y4b = v.fma(b, y4b);
      v = FloatVector.broadcast(SPECIES, x[from + 9]);
      y5a = v.fma(a, y5a);
      y5b = v.fma(b, y5b);
      v = FloatVector.broadcast(SPECIES, x[from + 10]);
      y6a = v.fma(a, y6a);
      y6b = v.fma(b, y6b);
      v = FloatVector.broadcast(SPECIES, x[from + 11]);
      y7a = v.fma(a, y7a);
      y7b = v.fma(b, y7b);
      at += 5 * WIDTH;
    }
    y0a.intoArray(y, yAt);
    y0b.intoArray(y, yAt + LANES);
    y1a.intoArray(y, yAt + ldy);
    y1b.intoArray(y, yAt + ldy + LANES);
    y2a.intoArray(y, yAt + 2 * ldy);
    y2b.intoArray(y, yAt + 2 * ldy + LANES);
    y3a.intoArray(y, yAt + 3 * ldy);
    y3b.intoArray(y, yAt + 3 * ldy + LANES);
    y4a.intoArray(y, yAt + 4 * ldy);
    y4b.intoArray(y, yAt + 4 * ldy + LANES);
    y5a.intoArray(y, yAt + 5 * ldy);
    y5b.intoArray(y, yAt + 5 * ldy + LANES);
    y6a.intoArray(y, yAt + 6 * ldy);
    y6b.intoArray(y, yAt + 6 * ldy + LANES);
    y7a.intoArray(y, yAt + 7 * ldy);
    y7b.intoArray(y, yAt + 7 * ldy + LANES);
  }
}
