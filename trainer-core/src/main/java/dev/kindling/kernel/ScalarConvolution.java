package dev.kindling.kernel;

/** The convolution in plain loops over the channels of a panel. */
final class ScalarConvolution {
  /** Channels of a panel. */
  static final int WIDTH = 16;

  private ScalarConvolution() {}

  static void outputs(ConvolutionWorkspace s, float[] y, int yAt, int apart) {
    ConvolutionLayout layout = s.layout;
    int places = layout.columns.outputs();
    for (int p = 0; p < s.panels(); p++) {
      for (int q = 0; q < layout.places(); q++) {
        int from = layout.rowAt(q / places) + q % places;
        place(s, from, s.weightsAt(p));
        System.arraycopy(s.line, 0, y, yAt + q * apart + p * WIDTH, s.channels(p));
      }
    }
  }

  private static void place(ConvolutionWorkspace s, int from, int wAt) {
    int[] steps = s.layout.steps;
    System.arraycopy(s.weights, wAt, s.line, 0, WIDTH);
    int at = wAt + WIDTH;
    int k = 0;
    for (; k + 4 <= steps.length; k += 4) {
      addFour(
          s.image[from + steps[k]],
          s.image[from + steps[k + 1]],
          s.image[from + steps[k + 2]],
          s.image[from + steps[k + 3]],
          s.weights,
          at,
          s.line,
          0);
      at += 4 * WIDTH;
    }
    for (; k < steps.length; k++) {
      addOne(s.image[from + steps[k]], s.weights, at, s.line, 0);
      at += WIDTH;
    }
  }

  static void weights(ConvolutionWorkspace s, float[] dy, int dyAt, int apart) {
    ConvolutionLayout layout = s.layout;
    for (int p = 0; p < s.panels(); p++) {
      float[] panel = s.panel(p, dy, dyAt, apart, null);
      int at = panel == dy ? dyAt : 0;
      for (int k = 0; k < layout.depth(); k++) {
        element(s, layout.steps[k], panel, at, s.gradientsAt(p) + k * WIDTH);
      }
    }
  }

  /** One element of the window over all places. */
  private static void element(ConvolutionWorkspace s, int step, float[] dy, int dyAt, int to) {
    int at = dyAt;
    for (int start : s.layout.groups) {
      int from = start + step;
      int i = 0;
      for (; i + 4 <= s.layout.group; i += 4) {
        addFour(
            s.image[from + i],
            s.image[from + i + 1],
            s.image[from + i + 2],
            s.image[from + i + 3],
            dy,
            at,
            s.gradients,
            to);
        at += 4 * WIDTH;
      }
      for (; i < s.layout.group; i++) {
        addOne(s.image[from + i], dy, at, s.gradients, to);
        at += WIDTH;
      }
    }
  }

  /** Four links of every element's chain. */
  private static void addFour(
      float a0, float a1, float a2, float a3, float[] b, int at, float[] c, int to) {
    for (int o = 0; o < WIDTH; o++) {
      float sum = Math.fma(a0, b[at + o], c[to + o]);
      sum = Math.fma(a1, b[at + WIDTH + o], sum);
      sum = Math.fma(a2, b[at + 2 * WIDTH + o], sum);
      c[to + o] = Math.fma(a3, b[at + 3 * WIDTH + o], sum);
    }
  }

  private static void addOne(float a, float[] b, int at, float[] c, int to) {
    for (int o = 0; o < WIDTH; o++) {
      c[to + o] = Math.fma(a, b[at + o], c[to + o]);
    }
  }
}
