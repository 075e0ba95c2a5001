package dev.kindling.data.digits;

/** A square on which a pen of changing width draws straight pieces with soft edges. */
final class Canvas {
  private final int side;
  private final float[] ink;

  /** An empty canvas of side x side pixels. */
  Canvas(int side) {
    this.side = side;
    this.ink = new float[side * side];
  }

  /** Ink of each pixel from 0 to 1, row by row. */
  float[] ink() {
    return ink;
  }

  /**
   * Draws from (x0, y0) to (x1, y1), in pixels, with a radius at each end. A pixel's ink falls from
   * 1 to 0 over the one pixel around the edge; where pieces overlap the darker counts.
   */
  void line(float x0, float y0, float r0, float x1, float y1, float r1) {
    float reach = Math.max(r0, r1) + 1;
    int top = first(Math.min(y0, y1) - reach);
    int bottom = last(Math.max(y0, y1) + reach);
    int left = first(Math.min(x0, x1) - reach);
    int right = last(Math.max(x0, x1) + reach);
    float dx = x1 - x0;
    float dy = y1 - y0;
    float scale = 1 / (dx * dx + dy * dy + 1e-6f);
    for (int y = top; y <= bottom; y++) {
      float py = y - y0;
      for (int x = left; x <= right; x++) {
        float px = x - x0;
        float along = Math.max(0, Math.min(1, (px * dx + py * dy) * scale));
        float ex = px - along * dx;
        float ey = py - along * dy;
        float distance = (float) Math.sqrt(ex * ex + ey * ey);
        float cover = Math.min(1, r0 + along * (r1 - r0) + 0.5f - distance);
        ink[y * side + x] = Math.max(ink[y * side + x], cover);
      }
    }
  }

  private int first(float coordinate) {
    return Math.max(0, (int) coordinate);
  }

  private int last(float coordinate) {
    return Math.min(side - 1, (int) coordinate);
  }
}
