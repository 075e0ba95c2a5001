package dev.kindling.kernel;

/**
 * The buffers of one convolution, kept from call to call, and the copying into and out of them. Not
 * thread-safe.
 */
public final class ConvolutionWorkspace {
  final ConvolutionLayout layout;

  /** Channels of the output in a panel. */
  final int width;

  /** The padded planes of an image; what is never written stays zero. */
  final float[] image;

  /** Panels of [1 + depth, width]: the bias, then the weights by element of the window. */
  final float[] weights;

  /** Panels of [depth, width] of the weights' gradient. */
  final float[] gradients;

  /**
   * A panel of the output's gradient, its rows filled up with zeros to whole groups; taken when it
   * is first needed.
   */
  private float[] panel = {};

  /** A row of the output of a panel that is not full. */
  final float[] line;

  private ConvolutionWorkspace(Kernels kernels, ConvolutionLayout layout, boolean isForWeights) {
    this.layout = layout;
    this.width = kernels.panelWidth();
    image = new float[layout.imageLength()];
    weights = new float[isForWeights ? 0 : panels() * (1 + layout.depth()) * width];
    gradients = new float[isForWeights ? panels() * layout.gradientDepth() * width : 0];
    line = new float[isForWeights ? 0 : layout.columns.outputs() * width];
  }

  /** For {@link Kernels#convolve}. */
  public static ConvolutionWorkspace forOutputs(Kernels kernels, ConvolutionLayout layout) {
    return new ConvolutionWorkspace(kernels, layout, false);
  }

  /** For {@link Kernels#convolutionWeights}. */
  public static ConvolutionWorkspace forWeights(Kernels kernels, ConvolutionLayout layout) {
    return new ConvolutionWorkspace(kernels, layout, true);
  }

  int panels() {
    return (layout.outputs + width - 1) / width;
  }

  /** Channels of a panel. */
  int channels(int p) {
    return Math.min(width, layout.outputs - p * width);
  }

  /** Where a panel of the weights starts. */
  int weightsAt(int p) {
    return p * (1 + layout.depth()) * width;
  }

  /** Where a panel of the gradient starts. */
  int gradientsAt(int p) {
    return p * layout.gradientDepth() * width;
  }

  /**
   * The output's gradient of a panel: where it stands, or copied.
   *
   * @param apart elements from one place to the next
   * @param copy for full panels; null for plain loops
   */
  float[] panel(int p, float[] dy, int dyAt, int apart, PanelCopy copy) {
    if (layout.outputs == width && apart == width && layout.columns.outputs() % layout.group == 0) {
      return dy;
    }
    if (panel.length == 0) {
      panel = new float[layout.groupedPlaces() * width];
    }
    int places = layout.columns.outputs();
    int filled = layout.groupsOfRow * layout.group;
    for (int r = 0; r < layout.rows.outputs(); r++) {
      int from = dyAt + r * places * apart + p * width;
      copyPlaces(places, channels(p), dy, from, apart, r * filled * width, copy);
    }
    return panel;
  }

  private void copyPlaces(
      int places, int n, float[] dy, int dyAt, int apart, int to, PanelCopy copy) {
    if (n == width && copy != null) {
      copy.run(places, 1, dy, dyAt, apart, panel, to);
      return;
    }
    for (int w = 0; w < places; w++) {
      System.arraycopy(dy, dyAt + w * apart, panel, to + w * width, n);
    }
  }

  /**
   * Copies an image into the padded planes.
   *
   * @param channel elements from one channel to the next
   * @param row elements from one row to the next
   * @param column elements from one column to the next
   */
  public void load(float[] x, int at, int channel, int row, int column) {
    ConvolutionLayout.Line rows = layout.rows;
    for (int h = rows.firstInput(); h < rows.endInput(); h++) {
      int from = at + h * row;
      int to = rows.place(h) * layout.row;
      if (column == 1) {
        for (int c = 0; c < layout.channels; c++) {
          loadRow(x, from + c * channel, 1, to + c * layout.plane);
        }
      } else {
        loadRows(x, from, channel, column, to);
      }
    }
  }

  /** A row of all channels, four at a time where neighbours stand side by side. */
  private void loadRows(float[] x, int from, int channel, int column, int to) {
    int c = 0;
    if (layout.columns.stride() == 1 && layout.columns.spread() == 1) {
      int first = layout.columns.firstInput();
      int n = layout.columns.endInput() - first;
      int start = to + layout.columns.place(first);
      for (; c + 4 <= layout.channels; c += 4) {
        int at = from + first * column + c * channel;
        transpose(x, at, channel, column, image, start + c * layout.plane, layout.plane, n);
      }
    }
    for (; c < layout.channels; c++) {
      loadRow(x, from + c * channel, column, to + c * layout.plane);
    }
  }

  private static void transpose(
      float[] x, int at, int channel, int column, float[] image, int to, int plane, int n) {
    int from = at;
    int to1 = to + plane;
    int to2 = to1 + plane;
    int to3 = to2 + plane;
    for (int w = 0; w < n; w++) {
      image[to + w] = x[from];
      image[to1 + w] = x[from + channel];
      image[to2 + w] = x[from + 2 * channel];
      image[to3 + w] = x[from + 3 * channel];
      from += column;
    }
  }

  private void loadRow(float[] x, int from, int column, int to) {
    ConvolutionLayout.Line columns = layout.columns;
    int first = columns.firstInput();
    int end = columns.endInput();
    if (column == 1 && columns.stride() == 1 && columns.spread() == 1) {
      System.arraycopy(x, from + first, image, to + columns.place(first), end - first);
      return;
    }
    for (int w = first; w < end; w++) {
      int place = columns.place(w);
      int phase = place % columns.stride() * layout.phase;
      image[to + phase + place / columns.stride()] = x[from + w * column];
    }
  }

  /**
   * Packs weight (o, c, i, j), which stands at {@code at + o * output + c * channel + i * row + j *
   * column}.
   */
  public void packWeights(float[] w, int at, int output, int channel, int row, int column) {
    for (int p = 0; p < panels(); p++) {
      for (int o = 0; o < channels(p); o++) {
        int from = at + (p * width + o) * output;
        int to = weightsAt(p) + width + o;
        for (int c = 0; c < layout.channels; c++) {
          for (int i = 0; i < layout.rows.kernel(); i++) {
            for (int j = 0; j < layout.columns.kernel(); j++) {
              weights[to] = w[from + c * channel + i * row + j * column];
              to += width;
            }
          }
        }
      }
    }
  }

  /** Packs one bias a channel of the output. */
  public void packBias(float[] bias, int at) {
    for (int p = 0; p < panels(); p++) {
      System.arraycopy(bias, at + p * width, weights, weightsAt(p), channels(p));
    }
  }

  /** Sets the gradients to zero. */
  public void clearGradients() {
    java.util.Arrays.fill(gradients, 0);
  }

  /** Writes the gradients row-major: [outputs, depth]. */
  public void unpackGradients(float[] dw, int at) {
    int depth = layout.depth();
    for (int o = 0; o < layout.outputs; o++) {
      int from = gradientsAt(o / width) + o % width;
      int to = at + o * depth;
      for (int k = 0; k < depth; k++) {
        dw[to + k] = gradients[from + k * width];
      }
    }
  }
}
