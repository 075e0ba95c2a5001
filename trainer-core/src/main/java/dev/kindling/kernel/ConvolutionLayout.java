package dev.kindling.kernel;

/**
 * Where a convolution's elements stand inside the kernels. The image is copied into planes, one a
 * channel, with the zeros around it; what neighbouring places of the output read through one
 * element of the window then stands side by side: with a stride s, a row is split into s phases,
 * every s-th column each. Immutable.
 */
public final class ConvolutionLayout {
  /**
   * One dimension: output o reads the places {@code o * stride + k * dilation} of the padded input,
   * for k in [0, kernel); input i stands at {@code i * spread + before}.
   *
   * @param size inputs
   * @param outputs outputs
   * @param kernel elements of the window
   * @param stride how far apart neighbouring windows start
   * @param before zeros before the first input; inputs that are left out where negative
   * @param dilation how far apart the elements of a window stand
   * @param spread how far apart neighbouring inputs stand, zeros between them
   */
  public record Line(
      int size, int outputs, int kernel, int stride, int before, int dilation, int spread) {

    /** The line that gives the inputs' gradient from the outputs', with the window reversed. */
    public Line transposed() {
      return new Line(outputs, size, kernel, 1, dilation * (kernel - 1) - before, dilation, stride);
    }

    /** Places of the padded input that some window reads. */
    int padded() {
      return (outputs - 1) * stride + dilation * (kernel - 1) + 1;
    }

    /** The first input that is no less than place 0. */
    int firstInput() {
      return Math.max(0, Math.floorDiv(spread - 1 - before, spread));
    }

    /** One past the last input that some window may read. */
    int endInput() {
      return Math.max(
          firstInput(), Math.min(size, Math.floorDiv(padded() - 1 - before, spread) + 1));
    }

    /** The place of an input. */
    int place(int input) {
      return input * spread + before;
    }
  }

  final int channels;
  final int outputs;
  final Line rows;
  final Line columns;

  /** Neighbouring places of a row that are worked off together: 8, or 7 where 3 taps fit so. */
  final int group;

  /** Groups of a row. */
  final int groupsOfRow;

  /** Elements of a phase of a row, of a row, of a plane. */
  final int phase;

  final int row;
  final int plane;

  /** Neighbouring elements of a window's row that are worked off together: 1, 3 or 5. */
  final int taps;

  /** What to add to a place to get at element (c, i, j) of its window, in this order. */
  final int[] steps;

  /** {@link #steps} of every first of {@link #taps} neighbours. */
  final int[] runs;

  /**
   * {@link #runs} for the weights' gradient, the last repeated so that so many divide them as a
   * tile works off together: {@link #together}.
   */
  final int[] gradientRuns;

  /** Where the places of every group start, row by row. */
  final int[] groups;

  /** For images of so many channels. */
  public ConvolutionLayout(int channels, int outputs, Line rows, Line columns) {
    this.channels = channels;
    this.outputs = outputs;
    this.rows = rows;
    this.columns = columns;
    boolean isSideBySide = columns.stride() == 1 && columns.dilation() == 1;
    taps = isSideBySide && (columns.kernel() == 3 || columns.kernel() == 5) ? columns.kernel() : 1;
    int places = columns.outputs();
    group = taps == 3 && places % 8 != 0 && places % 7 == 0 ? 7 : 8;
    groupsOfRow = (places + group - 1) / group;
    int stride = columns.stride();
    phase = groupsOfRow * group + columns.dilation() * (columns.kernel() - 1) / stride;
    row = stride * phase;
    plane = rows.padded() * row;
    steps = steps(channels * rows.kernel() * columns.kernel(), 1);
    runs = steps(steps.length / taps, taps);
    gradientRuns = steps((runs.length + together() - 1) / together() * together(), taps);
    groups = new int[rows.outputs() * groupsOfRow];
    for (int g = 0; g < groups.length; g++) {
      groups[g] = rowAt(g / groupsOfRow) + g % groupsOfRow * group;
    }
  }

  private int[] steps(int count, int apart) {
    int kernel = columns.kernel();
    int last = channels * rows.kernel() * kernel - apart;
    int[] result = new int[count];
    for (int k = 0; k < count; k++) {
      int element = Math.min(k * apart, last);
      int i = element / kernel % rows.kernel();
      int column = element % kernel * columns.dilation();
      result[k] =
          element / kernel / rows.kernel() * plane
              + i * rows.dilation() * row
              + column % columns.stride() * phase
              + column / columns.stride();
    }
    return result;
  }

  /** Where the places of a row of the output start. */
  int rowAt(int output) {
    return output * rows.stride() * row;
  }

  /** Runs whose gradients a tile works off together: the registers hold as many. */
  int together() {
    return taps == 1 ? 4 : taps == 3 ? 2 : 1;
  }

  /** Elements of the window, with those of repeated runs. */
  int gradientDepth() {
    return gradientRuns.length * taps;
  }

  /** Elements of a window. */
  public int depth() {
    return steps.length;
  }

  /** Places of the output. */
  public int places() {
    return rows.outputs() * columns.outputs();
  }

  /** Elements of the padded planes. */
  int imageLength() {
    return Math.multiplyExact(channels, plane);
  }

  /** Places of the output when every row is filled up to whole groups. */
  int groupedPlaces() {
    return groups.length * group;
  }
}
