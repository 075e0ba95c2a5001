package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code y[n, c, h, w] = max of x over the window at (h, w)}; padding never wins, and the first of
 * equals gets the gradient. Inside, images are {@link ChannelsLast}: all channels of a place are
 * compared at a time.
 */
public final class MaxPool extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final Windows windows;

  /** Which element of its window each output is. */
  private final float[] chosen;

  private MaxPool(Tensor x, Windows windows) {
    super(x);
    this.windows = windows;
    this.chosen = new float[windows.output().elements()];
  }

  /** Shapes [n, c, h, w] -> [n, c, h', w'], channels last. */
  public static Tensor of(Tensor x, Axis rows, Axis columns) {
    pooled("max_pool", x.shape(), rows, columns);
    Tensor image = ChannelsLast.of(x).contiguous();
    Windows windows = new Windows(image.shape(), rows, columns);
    return ChannelsLast.back(new MaxPool(image, windows).apply(windows.output()));
  }

  /** The shape after windows have slid over both image dimensions. */
  static Shape pooled(String operation, Shape x, Axis rows, Axis columns) {
    if (x.rank() != 4 || rows.outputs(x.size(2)) < 1 || columns.outputs(x.size(3)) < 1) {
      throw new ShapeException(
          "%s: %s: [n,c,h,w] is needed, with images no smaller than the window [%d,%d]; pad, or take a smaller kernel"
              .formatted(operation, x, rows.span(), columns.span()));
    }
    return x.with(2, rows.outputs(x.size(2))).with(3, columns.outputs(x.size(3)));
  }

  /** The sizes; images are [n, h, w, c]. */
  record Windows(Shape image, Axis rows, Axis columns) {
    int height() {
      return rows.outputs(image.size(1));
    }

    int width() {
      return columns.outputs(image.size(2));
    }

    int channels() {
      return image.size(3);
    }

    Shape output() {
      return image.with(1, height()).with(2, width());
    }

    /** Elements of the image of a sample. */
    int imageOfSample() {
      return image.size(1) * image.size(2) * channels();
    }

    /** Elements of the output of a sample. */
    int outputOfSample() {
      return height() * width() * channels();
    }

    /** Whether every input belongs to one window of two rows and two columns at most. */
    boolean isTwoByTwo() {
      return isPairs(rows) && isPairs(columns);
    }

    private static boolean isPairs(Axis axis) {
      return axis.kernel() == 2
          && axis.stride() == 2
          && axis.dilation() == 1
          && axis.before() == 0
          && axis.after() == 0;
    }

    /** Where element (i, j) of the window at (h, w) stands in its image; -1 for padding. */
    int at(int h, int w, int i, int j) {
      int line = rows.input(h, i);
      int column = columns.input(w, j);
      boolean isInside = line >= 0 && line < image.size(1) && column >= 0 && column < image.size(2);
      return isInside ? (line * image.size(2) + column) * channels() : -1;
    }
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    for (int n = 0; n < x.size(0); n++) {
      int at = x.offset() + n * windows.imageOfSample();
      pool(n, x.array(), at, output());
    }
  }

  /** Pools one sample, whose image starts at {@code at}. */
  void pool(int n, float[] x, int at, Tensor y) {
    int row = windows.width() * windows.channels();
    int to = n * windows.outputOfSample();
    for (int h = 0; h < windows.height(); h++) {
      if (windows.isTwoByTwo()) {
        int top = at + windows.at(h, 0, 0, 0);
        int below = at + windows.at(h, 0, 1, 0);
        int yAt = y.offset() + to;
        KERNELS.maxOfFour(
            windows.width(), windows.channels(), x, top, below, y.array(), yAt, chosen, to);
      } else {
        for (int w = 0; w < windows.width(); w++) {
          choose(h, w, x, at, y, to + w * windows.channels());
        }
      }
      to += row;
    }
  }

  private void choose(int h, int w, float[] x, int at, Tensor y, int to) {
    int channels = windows.channels();
    boolean isFirst = true;
    for (int i = 0; i < windows.rows.kernel(); i++) {
      for (int j = 0; j < windows.columns.kernel(); j++) {
        int from = windows.at(h, w, i, j);
        int element = i * windows.columns.kernel() + j;
        if (from >= 0) {
          int yAt = y.offset() + to;
          take(isFirst, element, x, at + from, y.array(), yAt, to, channels);
          isFirst = false;
        }
      }
    }
  }

  /** Takes an element of the window where it is larger than the largest so far. */
  private void take(
      boolean isFirst, int element, float[] x, int at, float[] y, int yAt, int to, int channels) {
    for (int c = 0; c < channels; c++) {
      if (isFirst || x[at + c] > y[yAt + c]) {
        y[yAt + c] = x[at + c];
        chosen[to + c] = element;
      }
    }
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new Scatter(g.contiguous(), this).apply(input(0).shape());
  }

  /**
   * The gradient of {@code relu} with output {@code y}, given that of its output: where that comes
   * from pooling y alone, what was pooled says as well which elements were positive, and y need not
   * be kept for it. Null where it does not.
   */
  static Tensor rectified(Tensor g, Tensor y) {
    Scatter scatter = scatterOf(g);
    if (scatter == null
        || scatter.isRectified()
        || scatter.forward.input(0).storage() != y.storage()) {
      return null;
    }
    return new Scatter(scatter.input(0), scatter.forward, scatter.forward.output())
        .apply(g.shape());
  }

  /** The operation that made {@code g}, a view of its output as it stands; else null. */
  static Scatter scatterOf(Tensor g) {
    Op op = g.creator();
    while (op != null
        && op.output().storage() == op.input(0).storage()
        && !(op instanceof Scatter)) {
      op = op.input(0).creator();
    }
    boolean isWhole = op instanceof Scatter && g.shape().equals(op.output().shape());
    return isWhole && g.isContiguous() ? (Scatter) op : null;
  }

  /** {@code dx[chosen[i]] += g[i]}, where y[i] > 0 if there is a y. */
  static final class Scatter extends Op {
    private final MaxPool forward;

    private Scatter(Tensor g, MaxPool forward) {
      super(g);
      this.forward = forward;
    }

    private Scatter(Tensor g, MaxPool forward, Tensor y) {
      super(g, y);
      this.forward = forward;
    }

    private boolean isRectified() {
      return inputs().size() == 2;
    }

    /** The sums over n, h, w of the output. */
    Tensor channelSums() {
      Tensor g = input(0);
      Tensor passed = isRectified() ? Unary.reluGradient(g, input(1)) : g;
      return passed.reshape(-1, g.size(3)).sum(0);
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected Op fuse(Op consumer) {
      return Convolution.ofScattered(this, consumer);
    }

    @Override
    protected void run() {
      int sample = forward.windows.imageOfSample();
      for (int n = 0; n < output().size(0); n++) {
        scatter(n, output().array(), output().offset() + n * sample);
      }
    }

    /** Writes the gradient of one sample. */
    void scatter(int n, float[] dx, int to) {
      Windows windows = forward.windows;
      if (!isEvenTwoByTwo()) {
        java.util.Arrays.fill(dx, to, to + windows.imageOfSample(), 0);
      }
      int from = n * windows.outputOfSample();
      for (int h = 0; h < windows.height(); h++) {
        if (windows.isTwoByTwo()) {
          toFour(from, dx, to + windows.at(h, 0, 0, 0), to + windows.at(h, 0, 1, 0));
        } else {
          for (int w = 0; w < windows.width(); w++) {
            toWindow(h, w, from + w * windows.channels(), dx, to);
          }
        }
        from += windows.width() * windows.channels();
      }
    }

    /** Whether windows of two by two cover the whole image. */
    private boolean isEvenTwoByTwo() {
      Windows windows = forward.windows;
      return windows.isTwoByTwo()
          && windows.image().size(1) == 2 * windows.height()
          && windows.image().size(2) == 2 * windows.width();
    }

    /** A row of windows of two by two. */
    private void toFour(int from, float[] dx, int top, int below) {
      Tensor g = input(0);
      Tensor y = input(inputs().size() - 1);
      KERNELS.gradientOfFour(
          forward.windows.width(),
          forward.windows.channels(),
          g.array(),
          g.offset() + from,
          forward.chosen,
          from,
          isRectified() ? y.array() : forward.chosen,
          isRectified() ? y.offset() + from : from,
          isRectified() ? 0 : Float.NEGATIVE_INFINITY,
          dx,
          top,
          below);
    }

    private void toWindow(int h, int w, int from, float[] dx, int to) {
      Windows windows = forward.windows;
      int kernel = windows.columns().kernel();
      float[] g = input(0).array();
      int gAt = input(0).offset() + from;
      for (int c = 0; c < windows.channels(); c++) {
        int element = (int) forward.chosen[from + c];
        if (isPassed(from + c)) {
          int at = windows.at(h, w, element / kernel, element % kernel);
          dx[to + at + c] += g[gAt + c];
        }
      }
    }

    private boolean isPassed(int i) {
      return !isRectified() || input(1).array()[input(1).offset() + i] > 0;
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      if (input == 1) {
        return null;
      }
      Tensor picked = new Pick(gg.contiguous(), forward).apply(input(0).shape());
      return isRectified() ? Unary.reluGradient(picked, input(1)) : picked;
    }

    @Override
    public String name() {
      return "MaxPoolGradient";
    }
  }

  /** {@code y[i] = x[chosen[i]]}. */
  private static final class Pick extends Op {
    private final MaxPool forward;

    Pick(Tensor x, MaxPool forward) {
      super(x);
      this.forward = forward;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      Windows windows = forward.windows;
      int channels = windows.channels();
      for (int p = 0; p < forward.chosen.length / channels; p++) {
        int w = p % windows.width();
        int h = p / windows.width() % windows.height();
        int n = p / windows.width() / windows.height();
        pick(h, w, input(0).offset() + n * windows.imageOfSample(), p * channels);
      }
    }

    private void pick(int h, int w, int image, int to) {
      Windows windows = forward.windows;
      int kernel = windows.columns().kernel();
      for (int c = 0; c < windows.channels(); c++) {
        int element = (int) forward.chosen[to + c];
        int at = windows.at(h, w, element / kernel, element % kernel);
        output().array()[output().offset() + to + c] = input(0).array()[image + at + c];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return new Scatter(g.contiguous(), forward).apply(input(0).shape());
    }

    @Override
    public String name() {
      return "MaxPoolPick";
    }
  }
}
