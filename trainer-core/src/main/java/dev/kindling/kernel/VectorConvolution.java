package dev.kindling.kernel;

/** Covers a convolution with register tiles. */
final class VectorConvolution {
  private static final int WIDTH = VectorTiles.WIDTH;

  /** Whether the registers hold the accumulators of more than four places. */
  private static final boolean IS_LARGE = VectorTiles.LANES >= 16;

  private VectorConvolution() {}

  static void outputs(ConvolutionWorkspace s, float[] y, int yAt, int apart) {
    ConvolutionLayout layout = s.layout;
    int places = layout.columns.outputs();
    for (int p = 0; p < s.panels(); p++) {
      int n = s.channels(p);
      for (int r = 0; r < layout.rows.outputs(); r++) {
        int to = yAt + r * places * apart + p * WIDTH;
        if (n == WIDTH) {
          row(s, layout.rowAt(r), s.weightsAt(p), y, to, apart);
        } else {
          row(s, layout.rowAt(r), s.weightsAt(p), s.line, 0, WIDTH);
          for (int w = 0; w < places; w++) {
            System.arraycopy(s.line, w * WIDTH, y, to + w * apart, n);
          }
        }
      }
    }
  }

  /**
   * A row of the output. The last tile may begin before the end of the one before: it writes the
   * same bits again.
   */
  private static void row(ConvolutionWorkspace s, int xAt, int wAt, float[] y, int yAt, int apart) {
    int places = s.layout.columns.outputs();
    int height = height(s.layout, places);
    int q = 0;
    while (q < places) {
      int at = height == 1 ? q : Math.min(q, places - height);
      tile(s, height, xAt + at, wAt, y, yAt + at * apart, apart);
      q += height;
    }
  }

  private static int height(ConvolutionLayout layout, int places) {
    if (places < 4) {
      return 1;
    }
    if (!IS_LARGE || places < 7) {
      return 4;
    }
    if (layout.taps != 5 && places % 14 == 0) {
      return 14;
    }
    return places < 8 ? 7 : layout.group;
  }

  private static void tile(
      ConvolutionWorkspace s, int height, int xAt, int wAt, float[] y, int yAt, int apart) {
    int[] steps = s.layout.steps;
    int[] runs = s.layout.runs;
    int taps = s.layout.taps;
    float[] x = s.image;
    float[] w = s.weights;
    if (height < 7) {
      if (height == 4) {
        OutputTiles.places4(steps, x, xAt, w, wAt, y, yAt, apart);
      } else {
        OutputTiles.places1(steps, x, xAt, w, wAt, y, yAt, apart);
      }
    } else if (height == 14) {
      OutputTiles.places14(steps, x, xAt, w, wAt, y, yAt, apart);
    } else if (height == 8) {
      switch (taps) {
        case 5 -> OutputTiles.places8Taps5(runs, x, xAt, w, wAt, y, yAt, apart);
        case 3 -> OutputTiles.places8Taps3(runs, x, xAt, w, wAt, y, yAt, apart);
        default -> OutputTiles.places8(steps, x, xAt, w, wAt, y, yAt, apart);
      }
    } else {
      switch (taps) {
        case 5 -> OutputTiles.places7Taps5(runs, x, xAt, w, wAt, y, yAt, apart);
        case 3 -> OutputTiles.places7Taps3(runs, x, xAt, w, wAt, y, yAt, apart);
        default -> OutputTiles.places7(steps, x, xAt, w, wAt, y, yAt, apart);
      }
    }
  }

  static void weights(ConvolutionWorkspace s, float[] dy, int dyAt, int apart) {
    for (int p = 0; p < s.panels(); p++) {
      float[] panel = s.panel(p, dy, dyAt, apart);
      int at = panel == dy ? dyAt : 0;
      switch (s.layout.taps) {
        case 5 -> fives(s, panel, at, s.gradientsAt(p));
        case 3 -> threes(s, panel, at, s.gradientsAt(p));
        default -> ones(s, panel, at, s.gradientsAt(p));
      }
    }
  }

  private static void fives(ConvolutionWorkspace s, float[] dy, int dyAt, int to) {
    int[] groups = s.layout.groups;
    int[] runs = s.layout.runs;
    for (int k = 0; k < runs.length; k++) {
      int at = to + k * 5 * WIDTH;
      if (s.layout.group == 8) {
        WeightTiles.elements1Taps5Places8(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      } else {
        WeightTiles.elements1Taps5Places7(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      }
    }
  }

  private static void threes(ConvolutionWorkspace s, float[] dy, int dyAt, int to) {
    int[] groups = s.layout.groups;
    int[] runs = s.layout.runs;
    int k = 0;
    for (; k + 2 <= runs.length; k += 2) {
      int at = to + k * 3 * WIDTH;
      if (s.layout.group == 8) {
        WeightTiles.elements2Taps3Places8(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      } else {
        WeightTiles.elements2Taps3Places7(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      }
    }
    if (k < runs.length) {
      int at = to + k * 3 * WIDTH;
      if (s.layout.group == 8) {
        WeightTiles.elements1Taps3Places8(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      } else {
        WeightTiles.elements1Taps3Places7(groups, runs, k, s.image, dy, dyAt, s.gradients, at);
      }
    }
  }

  private static void ones(ConvolutionWorkspace s, float[] dy, int dyAt, int to) {
    int[] groups = s.layout.groups;
    int[] steps = s.layout.stepsByFour;
    for (int k = 0; k < steps.length; k += 4) {
      int at = to + k * WIDTH;
      if (s.layout.group == 8) {
        WeightTiles.elements4Places8(groups, steps, k, s.image, dy, dyAt, s.gradients, at);
      } else {
        WeightTiles.elements4Places7(groups, steps, k, s.image, dy, dyAt, s.gradients, at);
      }
    }
  }
}
