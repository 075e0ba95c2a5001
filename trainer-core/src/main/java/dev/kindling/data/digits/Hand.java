package dev.kindling.data.digits;

/**
 * Where the points of a glyph land on the canvas: first a smooth bending of the box (random shifts
 * on a grid of 4 by 4, blended between), then an affine map of random turn, slant, size and place.
 */
final class Hand {
  private static final float TURN = 0.25f;
  private static final float SLANT = 0.1f;
  private static final float SLANT_SPREAD = 0.35f;
  private static final float SMALLEST = 0.82f;
  private static final float LARGEST = 1.12f;
  private static final float NARROWEST = 0.62f;
  private static final float SHIFT = 3.4f;
  private static final float BEND = 0.045f;
  private static final int GRID = 4;

  /** Share of the canvas that a glyph of size 1 fills. */
  private static final float BODY = 20f / 28;

  private final float xx;
  private final float xy;
  private final float yx;
  private final float yy;
  private final float centreX;
  private final float centreY;
  private final float[] bend = new float[2 * GRID * GRID];

  Hand(Draws draws, int side) {
    float tangent = draws.around(TURN) / 2; // of half the angle
    float cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
    float sine = 2 * tangent / (1 + tangent * tangent);
    float slant = SLANT + draws.around(SLANT_SPREAD);
    float height = BODY * side * draws.between(SMALLEST, LARGEST);
    float width = height * draws.between(NARROWEST, 1);
    xx = cosine * width;
    xy = (-slant * cosine - sine) * height;
    yx = sine * width;
    yy = (-slant * sine + cosine) * height;
    centreX = (side - 1) / 2f + draws.around(SHIFT);
    centreY = (side - 1) / 2f + draws.around(SHIFT);
    for (int i = 0; i < bend.length; i++) {
      bend[i] = BEND * draws.normal();
    }
  }

  /** Column of a point of the box [0, 1] x [0, 1]. */
  float x(float u, float v) {
    return centreX + xx * (u - 0.5f + bent(u, v, 0)) + xy * (v - 0.5f + bent(u, v, 1));
  }

  /** Row of a point of the box. */
  float y(float u, float v) {
    return centreY + yx * (u - 0.5f + bent(u, v, 0)) + yy * (v - 0.5f + bent(u, v, 1));
  }

  private float bent(float u, float v, int axis) {
    float gu = gridPlace(u);
    float gv = gridPlace(v);
    int column = (int) gu;
    int row = (int) gv;
    int at = (axis * GRID + row) * GRID + column;
    float blend = smooth(gu - column);
    float above = bend[at] + blend * (bend[at + 1] - bend[at]);
    float below = bend[at + GRID] + blend * (bend[at + GRID + 1] - bend[at + GRID]);
    return above + smooth(gv - row) * (below - above);
  }

  /** From 0 to just below the last line of the grid; points beyond the box bend as its edge. */
  private static float gridPlace(float u) {
    return Math.max(0, Math.min(0.9999f, u)) * (GRID - 1);
  }

  private static float smooth(float t) {
    return t * t * (3 - 2 * t);
  }
}
