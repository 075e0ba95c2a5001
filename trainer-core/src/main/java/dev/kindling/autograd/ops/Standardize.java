package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.kernel.NormKernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code y = (x - mean) / sqrt(variance + eps)}, where mean and (biased) variance are those of the
 * element's group: the heart of the normalisation layers. Sums over a group use 16 lanes for each
 * piece that stands side by side, and double precision over the pieces, in order.
 */
public final class Standardize extends Op {
  private static final NormKernels KERNELS = Kernels.best().norm();

  private final Groups groups;
  private final float eps;
  private final float[] means;
  private final float[] variances;
  private final float[] lanes = new float[NormKernels.ROOM];

  private Standardize(Tensor x, Groups groups, double eps) {
    super(x);
    this.groups = groups;
    this.eps = (float) eps;
    means = new float[groups.count];
    variances = new float[groups.count];
  }

  /**
   * Which elements are normalised together: {@code pieces} runs of {@code length} elements for each
   * of {@code count} groups.
   */
  private record Groups(int count, int pieces, int length) {
    int size() {
      return pieces * length;
    }

    int at(int group, int piece) {
      return (piece * count + group) * length;
    }
  }

  /** Groups are rows of {@code length} elements that stand side by side. */
  public static Tensor rows(Tensor x, int length, double eps) {
    int count = length == 0 ? 0 : x.shape().elements() / length;
    return new Standardize(x.contiguous(), new Groups(count, 1, length), eps).apply(x.shape());
  }

  /**
   * Groups are the channels of [n, c, ...].
   *
   * @param y the standardised elements
   * @param mean of each channel, [c]
   * @param variance of each channel with divisor n, [c]
   */
  public record Channels(Tensor y, Tensor mean, Tensor variance) {}

  /** Standardises every channel of [n, c, ...]. */
  public static Channels channels(Tensor x, double eps) {
    int channels = x.size(1);
    int length = x.shape().elements() / Math.max(1, x.size(0) * channels);
    Standardize op = new Standardize(x.contiguous(), new Groups(channels, x.size(0), length), eps);
    Tensor y = op.apply(x.shape());
    return new Channels(
        y, new ChannelMoment(op, op.means).apply(), new ChannelMoment(op, op.variances).apply());
  }

  @Override
  protected void run() {
    for (int g = 0; g < groups.count; g++) {
      float mean = (float) (sum(g) / groups.size());
      float variance = (float) (squares(g, mean) / groups.size());
      means[g] = mean;
      variances[g] = variance;
      write(g, mean, scale(variance));
    }
  }

  private float scale(float variance) {
    return (float) (1 / Math.sqrt(variance + eps));
  }

  private double sum(int g) {
    Tensor x = input(0);
    double sum = 0;
    for (int p = 0; p < groups.pieces; p++) {
      sum += KERNELS.sum(x.array(), x.offset() + groups.at(g, p), groups.length, lanes);
    }
    return sum;
  }

  private double squares(int g, float mean) {
    float[] x = input(0).array();
    double sum = 0;
    for (int p = 0; p < groups.pieces; p++) {
      int at = input(0).offset() + groups.at(g, p);
      sum += KERNELS.dot(x, at, mean, x, at, mean, groups.length, lanes);
    }
    return sum;
  }

  private void write(int g, float mean, float scale) {
    float[] x = input(0).array();
    float[] y = output().array();
    for (int p = 0; p < groups.pieces; p++) {
      int from = input(0).offset() + groups.at(g, p);
      int to = output().offset() + groups.at(g, p);
      KERNELS.centre(x, from, mean, x, from, 0, scale, y, to, groups.length);
    }
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new StandardizeGradient(g.contiguous(), input(0), output(), this).apply(g.shape());
  }

  /**
   * {@code dx = (g - mean(g) - y * mean(g * y)) / sqrt(variance + eps)}; y is an input so that its
   * elements stay, but a function of x for derivatives.
   */
  private static final class StandardizeGradient extends Op {
    private final Standardize forward;
    private final float[] lanes = new float[NormKernels.ROOM];

    StandardizeGradient(Tensor g, Tensor x, Tensor y, Standardize forward) {
      super(g, x, y);
      this.forward = forward;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      Groups groups = forward.groups;
      for (int group = 0; group < groups.count; group++) {
        double sum = 0;
        double product = 0;
        for (int p = 0; p < groups.pieces; p++) {
          int at = groups.at(group, p);
          sum += KERNELS.sum(input(0).array(), input(0).offset() + at, groups.length, lanes);
          product += product(at);
        }
        float mean = (float) (sum / groups.size());
        float slope = (float) (product / groups.size());
        for (int p = 0; p < groups.pieces; p++) {
          write(groups.at(group, p), mean, slope, forward.scale(forward.variances[group]));
        }
      }
    }

    private float product(int at) {
      float[] g = input(0).array();
      float[] y = input(2).array();
      int gAt = input(0).offset() + at;
      int yAt = input(2).offset() + at;
      return KERNELS.dot(g, gAt, 0, y, yAt, 0, forward.groups.length, lanes);
    }

    private void write(int at, float mean, float slope, float scale) {
      float[] g = input(0).array();
      float[] y = input(2).array();
      float[] dx = output().array();
      int gAt = input(0).offset() + at;
      int yAt = input(2).offset() + at;
      int to = output().offset() + at;
      KERNELS.centre(g, gAt, mean, y, yAt, slope, scale, dx, to, forward.groups.length);
    }

    /** Linear and symmetric in g; for x, the same made of simpler operations. */
    @Override
    protected Tensor gradient(int input, Tensor gg) {
      if (input == 2) {
        return null;
      }
      if (input == 0) {
        return new StandardizeGradient(gg.contiguous(), input(1), input(2), forward)
            .apply(gg.shape());
      }
      return gradientsThrough(forward::plainGradient, gg).get(1);
    }
  }

  /** Of g and x. */
  private Tensor plainGradient(List<Tensor> given) {
    Tensor slopes = grouped(given.get(0));
    Tensor rows = grouped(given.get(1));
    Tensor centred = rows.sub(rows.meanKeepDim(0, 2));
    Tensor deviation = centred.square().meanKeepDim(0, 2).add(eps).sqrt();
    Tensor y = centred.div(deviation);
    return slopes
        .sub(slopes.meanKeepDim(0, 2))
        .sub(y.mul(slopes.mul(y).meanKeepDim(0, 2)))
        .div(deviation)
        .reshape(output().shape().toArray());
  }

  private Tensor grouped(Tensor x) {
    return x.reshape(groups.pieces, groups.count, groups.length);
  }

  /** A copy of what the last run found; no gradient flows through it. */
  private static final class ChannelMoment extends Op {
    private final Standardize source;
    private final float[] values;

    ChannelMoment(Standardize source, float[] values) {
      super(source.output());
      this.source = source;
      this.values = values;
    }

    Tensor apply() {
      return apply(Shape.of(values.length));
    }

    @Override
    protected List<Op> reads() {
      return List.of(source);
    }

    @Override
    protected void run() {
      System.arraycopy(values, 0, output().array(), output().offset(), values.length);
    }

    @Override
    protected boolean isDifferentiable() {
      return false;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return null;
    }
  }
}
