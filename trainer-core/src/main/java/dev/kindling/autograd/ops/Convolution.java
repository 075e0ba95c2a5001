package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.ConvolutionLayout;
import dev.kindling.kernel.ConvolutionWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Heap;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h', w']}, where
 * (h', w') is place (i, j) of the window at (h, w); channels in groups that do not mix. Forward and
 * both gradients are the three ways to leave one of x, weight and y out, and each is the gradient
 * of the others.
 *
 * <p>Inside, images are {@link ChannelsLast}: [n, h, w, c].
 */
public final class Convolution {
  private static final Kernels KERNELS = Kernels.best();

  private Convolution() {}

  /**
   * Shapes [n, c, h, w], [o, c / groups, kernel, kernel] and [o] -> [n, o, h', w'], channels last.
   *
   * @param bias may be null
   */
  public static Tensor of(
      Tensor x, Tensor weight, Tensor bias, Axis rows, Axis columns, int groups) {
    check(x, weight, groups);
    Tensor image = ChannelsLast.of(x);
    Geometry geometry = Geometry.of(image.shape(), weight.shape(), rows, columns, groups);
    Tensor kernel = weight.contiguous();
    Forward forward =
        bias == null
            ? new Forward(geometry, false, image, kernel)
            : new Forward(geometry, false, image, kernel, bias.contiguous());
    return ChannelsLast.back(forward.apply(geometry.output()));
  }

  private static void check(Tensor x, Tensor weight, int groups) {
    if (x.shape().rank() != 4 || weight.shape().rank() != 4) {
      throw new ShapeException(
          "convolution: %s by %s: [n,c,h,w] and [o,c,kernel,kernel] are needed; unsqueeze(0) a single image, or reshape"
              .formatted(x.shape(), weight.shape()));
    }
    if (x.size(1) != weight.size(1) * groups || weight.size(0) % groups != 0) {
      throw new ShapeException(
          "convolution: %s by %s in %d groups: the input has %d channels, the kernel reads %d; %s"
              .formatted(
                  x.shape(),
                  weight.shape(),
                  groups,
                  x.size(1),
                  weight.size(1) * groups,
                  x.size(3) == weight.size(1) * groups
                      ? "permute(0, 3, 1, 2) the input?"
                      : "set in to %d, or channels to what the layer before makes"
                          .formatted(x.size(1))));
    }
  }

  /**
   * The transpose of {@link #of}: shapes [n, o, h', w'] and [o, c / groups, kernel, kernel] -> [n,
   * c, height, width], channels last.
   */
  public static Tensor transposed(
      Tensor y, Tensor weight, Axis rows, Axis columns, int groups, int height, int width) {
    Tensor image = ChannelsLast.of(y);
    Shape to = Shape.of(y.size(0), height, width, weight.size(1) * groups);
    Geometry geometry = Geometry.of(to, weight.shape(), rows, columns, groups);
    if (!geometry.output().equals(image.shape())) {
      throw new ShapeException(
          "transposed convolution: %s by %s does not give %d channels of [%d,%d]; other sizes of the output are needed"
              .formatted(y.shape(), weight.shape(), to.size(3), height, width));
    }
    return ChannelsLast.back(new Transposed(geometry, image, weight.contiguous()).apply(to));
  }

  /** The sizes of one convolution: images are [n, h, w, c]. */
  record Geometry(Shape image, Shape kernel, Shape output, Axis rows, Axis columns, int groups) {

    static Geometry of(Shape image, Shape kernel, Axis rows, Axis columns, int groups) {
      int height = rows.outputs(image.size(1));
      int width = columns.outputs(image.size(2));
      if (height < 1 || width < 1) {
        throw new ShapeException(
            "convolution: %s by %s: the window spans [%d,%d], more than the padded input; pad more, or take a smaller kernel"
                .formatted(
                    Shape.of(image.size(0), image.size(3), image.size(1), image.size(2)),
                    kernel,
                    rows.span(),
                    columns.span()));
      }
      requireArray(image, kernel, rows, columns);
      Shape output = Shape.of(image.size(0), height, width, kernel.size(0));
      return new Geometry(image, kernel, output, rows, columns, groups);
    }

    /** The padded image of a sample is copied into one array. */
    private static void requireArray(Shape image, Shape kernel, Axis rows, Axis columns) {
      long height = (long) image.size(1) + rows.before() + rows.after();
      long width = (long) image.size(2) + columns.before() + columns.after();
      if ((double) height * width * image.size(3) > Heap.LONGEST) {
        throw new ShapeException(
            "convolution: %s by %s: a padded image is [%d,%d,%d], more than 2^31 elements; pad less, or cut the images"
                .formatted(
                    Shape.of(image.size(0), image.size(3), image.size(1), image.size(2)),
                    kernel,
                    image.size(3),
                    height,
                    width));
      }
    }

    int samples() {
      return image.size(0);
    }

    int inputsOfGroup() {
      return kernel.size(1);
    }

    int outputsOfGroup() {
      return kernel.size(0) / groups;
    }

    /** Elements of the output of a sample. */
    int elementsOfOutput() {
      return output.size(1) * output.size(2) * output.size(3);
    }

    /** Elements of a window of one channel. */
    int window() {
      return kernel.size(2) * kernel.size(3);
    }

    /** Elements of the weights of one output. */
    int depth() {
      return inputsOfGroup() * window();
    }

    /** From the input to the output. */
    ConvolutionLayout forward() {
      return new ConvolutionLayout(
          inputsOfGroup(),
          outputsOfGroup(),
          rows.line(image.size(1), output.size(1)),
          columns.line(image.size(2), output.size(2)));
    }

    /** From the output to the input. */
    ConvolutionLayout backward() {
      return new ConvolutionLayout(
          outputsOfGroup(),
          inputsOfGroup(),
          rows.line(image.size(1), output.size(1)).transposed(),
          columns.line(image.size(2), output.size(2)).transposed());
    }

    long multiplyAdds() {
      return (long) output.elements() * depth();
    }
  }

  /** One of the three. */
  abstract static class Product extends Op {
    final Geometry geometry;

    Product(Geometry geometry, Tensor... inputs) {
      super(inputs);
      this.geometry = geometry;
    }

    @Override
    public long multiplyAdds() {
      return geometry.multiplyAdds();
    }

    final Tensor forward(Tensor x, Tensor weight) {
      return new Forward(geometry, false, x, weight.contiguous()).apply(geometry.output);
    }

    final Tensor transposed(Tensor y, Tensor weight) {
      return new Transposed(geometry, y, weight.contiguous()).apply(geometry.image);
    }

    final Tensor weightGradient(Tensor x, Tensor y) {
      return new WeightGradient(geometry, x, y.contiguous()).apply(geometry.kernel);
    }

    /** Copies one group's channels of a sample of [n, h, w, c] into the workspace. */
    static void load(ConvolutionWorkspace workspace, Tensor x, int sample, int firstChannel) {
      int at = x.offset() + sample * x.stride(0) + firstChannel * x.stride(3);
      workspace.load(x.array(), at, x.stride(3), x.stride(1), x.stride(2));
    }
  }

  /** A product that makes an image; the weights are packed once for all samples. */
  abstract static class ImageProduct extends Product {
    final ConvolutionWorkspace workspace;

    ImageProduct(Geometry geometry, ConvolutionLayout layout, Tensor... inputs) {
      super(geometry, inputs);
      this.workspace = ConvolutionWorkspace.forOutputs(KERNELS, layout);
    }

    @Override
    protected void run() {
      int inputs = input(0).size(3) / geometry.groups;
      for (int group = 0; group < geometry.groups; group++) {
        pack(group);
        for (int sample = 0; sample < geometry.samples(); sample++) {
          load(workspace, input(0), sample, group * inputs);
          convolve(sample, group);
        }
      }
    }

    abstract void pack(int group);

    void convolve(int sample, int group) {
      int channels = output().size(3);
      int places = output().size(1) * output().size(2);
      int first = group * (channels / geometry.groups);
      int at = output().offset() + sample * places * channels + first;
      KERNELS.convolve(workspace, output().array(), at, channels);
    }

    /** Where the weights of a group start. */
    final int kernelAt(int group) {
      return input(1).offset() + group * geometry.outputsOfGroup() * geometry.depth();
    }
  }

  /** y from x and weight, with the bias and the ReLU and pooling that follow where there are. */
  private static final class Forward extends ImageProduct {
    private final boolean isRectified;

    /** Null where there is none. */
    private final MaxPool pool;

    /** An image before it is pooled. */
    private final float[] image;

    Forward(Geometry geometry, boolean isRectified, Tensor... inputs) {
      this(geometry, isRectified, null, inputs);
    }

    private Forward(Geometry geometry, boolean isRectified, MaxPool pool, Tensor... inputs) {
      super(geometry, geometry.forward(), inputs);
      this.isRectified = isRectified;
      this.pool = pool;
      this.image = new float[pool == null ? 0 : geometry.elementsOfOutput()];
    }

    @Override
    void convolve(int sample, int group) {
      if (pool == null) {
        super.convolve(sample, group);
      } else {
        KERNELS.convolve(workspace, image, 0, geometry.output.size(3));
        pool.pool(sample, image, 0, output());
        if (isRectified) {
          rectifyPooled(sample);
        }
      }
    }

    /**
     * The ReLU after the pooling: a quarter of the elements. Which one was chosen differs only
     * where none is positive, and there no gradient passes.
     */
    private void rectifyPooled(int sample) {
      Tensor y = output();
      int n = y.shape().elements() / y.size(0);
      int at = y.offset() + sample * n;
      KERNELS.relu(y.array(), at, y.array(), at, n);
    }

    @Override
    void pack(int group) {
      int columns = geometry.columns.kernel();
      int depth = geometry.depth();
      workspace.packWeights(
          input(1).array(), kernelAt(group), depth, geometry.window(), columns, 1);
      if (inputs().size() == 3) {
        Tensor bias = input(2);
        workspace.packBias(bias.array(), bias.offset() + group * geometry.outputsOfGroup());
      }
    }

    @Override
    protected void run() {
      super.run();
      if (isRectified && pool == null) {
        Tensor y = output();
        KERNELS.relu(y.array(), y.offset(), y.array(), y.offset(), y.shape().elements());
      }
    }

    @Override
    protected Op fuse(Op consumer) {
      Tensor[] inputs = inputs().toArray(Tensor[]::new);
      if (pool != null) {
        return null;
      }
      if (!isRectified && consumer instanceof Unary.Relu) {
        return new Forward(geometry, true, inputs).writing(consumer.output());
      }
      if (geometry.groups == 1 && consumer instanceof MaxPool next) {
        return new Forward(geometry, isRectified, next, inputs).writing(consumer.output());
      }
      return null;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return switch (input) {
        case 0 -> transposed(g, input(1));
        case 1 -> weightGradient(input(0), g);
        default -> channelSums(g);
      };
    }

    private static Tensor channelSums(Tensor g) {
      MaxPool.Scatter scatter = MaxPool.scatterOf(g);
      return scatter == null ? g.reshape(-1, g.size(3)).sum(0) : scatter.channelSums();
    }

    @Override
    public String name() {
      return "Convolution" + (isRectified ? "Relu" : "") + (pool == null ? "" : "MaxPool");
    }
  }

  /** x's gradient from y's and weight: the windows reversed. */
  private static final class Transposed extends ImageProduct {
    Transposed(Geometry geometry, Tensor y, Tensor weight) {
      super(geometry, geometry.backward(), y, weight);
    }

    @Override
    void pack(int group) {
      int columns = geometry.columns.kernel();
      int last = kernelAt(group) + geometry.window() - 1;
      workspace.packWeights(
          input(1).array(), last, geometry.window(), geometry.depth(), -columns, -1);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? forward(g, input(1)) : weightGradient(g, input(0));
    }

    @Override
    public String name() {
      return "TransposedConvolution";
    }
  }

  /**
   * The weights' gradient with the gradient of the pooling behind the convolution, image by image;
   * null where {@code consumer} is none or reads more than that.
   */
  static Op ofScattered(MaxPool.Scatter scatter, Op consumer) {
    return consumer instanceof WeightGradient gradient ? gradient.from(scatter) : null;
  }

  /** weight's gradient from x and y's, added up over the samples in order. */
  private static final class WeightGradient extends Product {
    private final ConvolutionWorkspace workspace;

    /** Makes y image by image; null where y is there. */
    private final MaxPool.Scatter scatter;

    /** One image of y. */
    private final float[] image;

    WeightGradient(Geometry geometry, Tensor x, Tensor y) {
      super(geometry, x, y);
      this.workspace = ConvolutionWorkspace.forWeights(KERNELS, geometry.forward());
      this.scatter = null;
      this.image = new float[0];
    }

    WeightGradient(WeightGradient plain, MaxPool.Scatter scatter) {
      super(
          plain.geometry,
          Stream.concat(Stream.of(plain.input(0)), scatter.inputs().stream())
              .toArray(Tensor[]::new));
      this.workspace = plain.workspace;
      this.scatter = scatter;
      this.image = new float[geometry.elementsOfOutput()];
    }

    private Op from(MaxPool.Scatter scatter) {
      boolean isSource = input(1).storage() == scatter.output().storage();
      boolean isAlone = this.scatter == null && input(0).storage() != input(1).storage();
      return isSource && isAlone ? new WeightGradient(this, scatter).writing(output()) : null;
    }

    @Override
    protected List<Op> reads() {
      return scatter == null ? List.of() : scatter.reads();
    }

    @Override
    protected void run() {
      for (int group = 0; group < geometry.groups; group++) {
        workspace.clearGradients();
        for (int sample = 0; sample < geometry.samples(); sample++) {
          load(workspace, input(0), sample, group * geometry.inputsOfGroup());
          add(sample, group);
        }
        int outputs = geometry.outputsOfGroup();
        int at = output().offset() + group * outputs * geometry.depth();
        workspace.unpackGradients(output().array(), at);
      }
    }

    private void add(int sample, int group) {
      int channels = geometry.output.size(3);
      int first = group * geometry.outputsOfGroup();
      if (scatter == null) {
        Tensor y = input(1);
        int at = y.offset() + sample * geometry.elementsOfOutput();
        KERNELS.convolutionWeights(workspace, y.array(), at + first, channels);
      } else {
        scatter.scatter(sample, image, 0);
        KERNELS.convolutionWeights(workspace, image, first, channels);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? transposed(input(1), g) : forward(input(0), g);
    }

    @Override
    public String name() {
      return scatter == null ? "ConvolutionWeightGradient" : "ScatterConvolutionWeightGradient";
    }
  }
}
