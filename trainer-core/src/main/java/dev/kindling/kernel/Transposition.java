package dev.kindling.kernel;

/** Rows and columns of a matrix change places. */
final class Transposition {
  /** Elements of a line that are transposed before the next rows: their lines stay cached. */
  private static final int STRETCH = 16;

  private Transposition() {}

  /** {@code to[c, r] = from[r, c]}. */
  static void run(
      int rows, int columns, float[] from, int at, int ld, float[] to, int toAt, int ldTo) {
    for (int p = 0; p < columns; p += STRETCH) {
      int stretch = Math.min(STRETCH, columns - p);
      stretch(rows, stretch, from, at + p, ld, to, toAt + p * ldTo, ldTo);
    }
  }

  /** Four rows at a time, so that four neighbours of a line are written together. */
  private static void stretch(
      int rows, int columns, float[] from, int at, int ld, float[] to, int toAt, int ldTo) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      four(columns, from, at + r * ld, ld, to, toAt + r, ldTo);
    }
    for (; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[toAt + c * ldTo + r] = from[at + r * ld + c];
      }
    }
  }

  private static void four(
      int columns, float[] from, int row0, int ld, float[] to, int toAt, int ldTo) {
    int row1 = row0 + ld;
    int row2 = row1 + ld;
    int row3 = row2 + ld;
    int into = toAt;
    for (int c = 0; c < columns; c++) {
      to[into] = from[row0 + c];
      to[into + 1] = from[row1 + c];
      to[into + 2] = from[row2 + c];
      to[into + 3] = from[row3 + c];
      into += ldTo;
    }
  }
}
