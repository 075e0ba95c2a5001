package dev.kindling.data.digits;

import java.util.Arrays;
import java.util.List;

/**
 * How hands write the ten digits: for each digit some ways, each of one or more strokes, each a row
 * of points in a box of 100 by 100 (x to the right, y down) through which the pen passes smoothly.
 */
final class Glyphs {
  /** Points "x y", strokes separated by "/". */
  private static final List<List<String>> WAYS =
      List.of(
          List.of( // 0
              "55 2 28 10 12 38 14 70 34 96 62 96 84 70 86 36 72 8 50 2",
              "60 3 36 16 22 46 24 78 42 97 64 86 78 56 78 26 62 6 48 8",
              "48 4 22 16 8 46 16 80 44 98 76 88 92 56 84 20 56 2 36 8"),
          List.of( // 1
              "50 0 50 34 50 66 50 100",
              "54 0 52 34 49 68 46 100",
              "30 24 44 12 54 0 / 54 0 53 34 52 68 52 100",
              "32 22 44 12 52 0 / 52 0 52 50 52 98 / 30 99 52 98 74 98"),
          List.of( // 2
              "16 24 28 6 52 0 76 10 80 32 64 56 40 76 14 97 / 14 97 36 95 62 97 88 96",
              "18 28 26 8 50 1 74 10 78 30 62 56 36 82 20 94 12 84 26 76 48 88 68 97 88 90",
              "20 18 44 3 70 8 80 28 68 52 44 72 18 92 / 18 92 34 84 56 94 74 97 90 86"),
          List.of( // 3
              "18 12 42 1 70 6 78 24 64 42 44 48 / 44 48 70 54 82 72 68 92 42 99 16 88",
              "20 4 50 4 80 4 / 80 4 62 22 44 40 / 44 40 72 48 84 70 68 92 42 98 14 88",
              "20 16 40 2 68 4 76 22 60 42 40 50 50 44 74 54 80 76 60 97 34 98 14 84"),
          List.of( // 4
              "30 4 22 32 14 60 / 14 60 50 60 90 58 / 66 22 64 60 62 100",
              "64 0 40 30 10 64 / 10 64 48 64 90 64 / 64 0 64 50 64 100",
              "20 6 16 34 26 54 50 54 74 44 / 78 2 74 36 70 70 66 100",
              "68 4 36 34 12 66 / 12 66 54 68 88 66 / 70 40 66 70 64 100"),
          List.of( // 5
              "28 4 26 24 22 44 / 22 44 46 36 72 44 82 66 70 90 44 99 16 88 / 28 4 54 4 82 2",
              "80 2 54 3 30 6 / 30 6 26 26 24 46 / 24 46 52 38 76 50 80 72 62 94 36 98 14 90",
              "78 4 54 0 34 12 30 32 48 46 70 58 74 80 54 97 30 96 14 84"),
          List.of( // 6
              "70 2 44 16 24 44 18 72 32 96 60 98 78 80 70 58 46 54 22 70",
              "54 0 34 30 20 64 26 90 50 99 74 88 78 66 58 54 34 62 22 78",
              "74 8 52 4 28 28 16 60 24 90 52 98 78 84 80 62 60 50 34 58 20 74"),
          List.of( // 7
              "14 6 46 6 82 4 / 82 4 66 34 50 66 40 100",
              "16 18 18 6 / 18 6 50 6 84 4 / 84 4 62 40 48 70 44 100",
              "14 8 46 4 84 6 / 84 6 66 36 52 68 46 100 / 30 52 52 50 76 50",
              "16 10 40 2 60 8 82 4 / 82 4 70 30 48 58 40 98"),
          List.of( // 8
              "74 16 52 2 28 12 28 32 50 46 74 62 78 84 54 99 26 92 20 72 40 54 66 38 74 16",
              "50 46 28 36 28 12 50 1 72 12 72 34 50 46 / 50 46 24 58 20 82 48 99 78 84 76 60 50 46",
              "68 10 46 2 32 18 42 38 60 54 70 76 58 97 36 94 32 74 46 52 64 34 68 10"),
          List.of( // 9
              "76 24 60 4 32 6 20 28 34 48 60 44 76 22 / 76 22 74 48 70 76 66 100",
              "78 20 58 2 30 10 22 32 40 48 64 38 78 18 / 78 18 78 46 70 74 52 96 26 96",
              "72 14 44 2 22 18 26 42 50 48 70 34 74 12 / 74 12 68 44 58 74 46 100"));

  /** By digit, way, stroke: x, y, x, y, ... */
  private static final float[][][][] STROKES =
      WAYS.stream()
          .map(ways -> ways.stream().map(Glyphs::strokes).toArray(float[][][]::new))
          .toArray(float[][][][]::new);

  private Glyphs() {}

  /** Number of ways in which a digit is written. */
  static int ways(int digit) {
    return STROKES[digit].length;
  }

  /** The strokes of a digit, each x, y, x, y, ... from 0 to 1; not to be changed. */
  static float[][] strokes(int digit, int way) {
    return STROKES[digit][way];
  }

  private static float[][] strokes(String text) {
    return Arrays.stream(text.split(" / ", -1)).map(Glyphs::points).toArray(float[][]::new);
  }

  private static float[] points(String stroke) {
    String[] words = stroke.split(" ", -1);
    float[] points = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      points[i] = Integer.parseInt(words[i]) / 100f;
    }
    return points;
  }
}
