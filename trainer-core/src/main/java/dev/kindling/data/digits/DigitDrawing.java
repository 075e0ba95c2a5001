package dev.kindling.data.digits;

import dev.kindling.kernel.Philox;

/**
 * One drawn digit: a class, one of the ways to write it, a hand, a pen, ink and grain, all from one
 * random stream. Uses additions, multiplications, divisions and square roots only, so that the
 * pixels are the same on every machine.
 */
final class DigitDrawing {
  private static final int STREAM = 3 << 24;
  private static final int STEPS = 5;
  private static final float JITTER = 0.02f;
  private static final float THINNEST = 0.55f;
  private static final float THICKEST = 1.5f;
  private static final float PALEST = 0.75f;
  private static final float GRAIN = 0.08f;

  private final Draws draws;
  private final int digit;
  private final Canvas canvas;
  private final Hand hand;
  private final float radius;

  /** Draws number {@code index} of a seed on side x side pixels. */
  DigitDrawing(long seed, int index, int side) {
    draws = new Draws(new Philox(seed, STREAM, index));
    digit = draws.below(10);
    canvas = new Canvas(side);
    int way = draws.below(Glyphs.ways(digit));
    hand = new Hand(draws, side);
    radius = draws.between(THINNEST, THICKEST);
    for (float[] stroke : Glyphs.strokes(digit, way)) {
      stroke(jittered(stroke));
    }
  }

  /** What was drawn, from 0 to 9. */
  int digit() {
    return digit;
  }

  /** The pixels, with grain over ink and paper; to be asked for once. */
  byte[] pixels() {
    float strength = draws.between(PALEST, 1);
    float grain = draws.between(0, GRAIN);
    float[] ink = canvas.ink();
    byte[] pixels = new byte[ink.length];
    for (int i = 0; i < ink.length; i++) {
      float value = strength * ink[i] + grain * draws.normal();
      pixels[i] = (byte) (int) (255 * Math.max(0, Math.min(1, value)) + 0.5f);
    }
    return pixels;
  }

  private float[] jittered(float[] points) {
    float[] moved = new float[points.length];
    for (int i = 0; i < points.length; i++) {
      moved[i] = points[i] + JITTER * draws.normal();
    }
    return moved;
  }

  private void stroke(float[] points) {
    float x = hand.x(points[0], points[1]);
    float y = hand.y(points[0], points[1]);
    float thickness = thickness();
    for (int span = 0; span < points.length / 2 - 1; span++) {
      float to = thickness();
      float change = (to - thickness) / STEPS;
      for (int step = 1; step <= STEPS; step++) {
        float t = (float) step / STEPS;
        float u = curve(points, span, 0, t);
        float v = curve(points, span, 1, t);
        float nextX = hand.x(u, v);
        float nextY = hand.y(u, v);
        canvas.line(x, y, thickness, nextX, nextY, thickness + change);
        x = nextX;
        y = nextY;
        thickness += change;
      }
    }
  }

  /** The pen's radius where it is pressed more or less. */
  private float thickness() {
    return radius * draws.between(0.8f, 1.2f);
  }

  /** The spline of Catmull and Rom (1974) between two points, one coordinate of it. */
  private static float curve(float[] points, int span, int axis, float t) {
    int last = points.length / 2 - 1;
    float before = points[2 * Math.max(0, span - 1) + axis];
    float from = points[2 * span + axis];
    float to = points[2 * span + 2 + axis];
    float after = points[2 * Math.min(last, span + 2) + axis];
    float cubic = 3 * (from - to) + after - before;
    float square = 2 * before - 5 * from + 4 * to - after;
    return from + 0.5f * t * (to - before + t * (square + t * cubic));
  }
}
