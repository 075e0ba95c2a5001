package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * {@code y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h', w']}, where
 * (h', w') is place (i, j) of the window at (h, w); channels in groups that do not mix. Forward and
 * both gradients are the three ways to leave one of x, weight and y out, and each is the gradient
 * of the others.
 */
public final class Convolution {
  private static final Kernels KERNELS = Kernels.best();

  private Convolution() {}

  /**
   * Shapes [n, c, h, w], [o, c / groups, kernel, kernel] and [o] -> [n, o, h', w'].
   *
   * @param bias may be null
   */
  public static Tensor of(
      Tensor x, Tensor weight, Tensor bias, Axis rows, Axis columns, int groups) {
    check(x, weight, groups);
    Tensor image = x.contiguous();
    Geometry geometry =
        Geometry.of(image.shape(), weight.shape(), new Axis[] {rows, columns}, groups);
    Tensor kernel = weight.contiguous();
    return (bias == null
            ? new Forward(geometry, false, image, kernel)
            : new Forward(geometry, false, image, kernel, bias.contiguous()))
        .apply(geometry.output());
  }

  private static void check(Tensor x, Tensor weight, int groups) {
    if (x.shape().rank() != 4 || weight.shape().rank() != 4) {
      throw new ShapeException(
          "convolution: %s by %s: [n,c,h,w] and [o,c,kernel,kernel] are needed"
              .formatted(x.shape(), weight.shape()));
    }
    if (x.size(1) != weight.size(1) * groups || weight.size(0) % groups != 0) {
      throw new ShapeException(
          "convolution: %s by %s in %d groups: the input has %d channels, the kernel reads %d"
              .formatted(x.shape(), weight.shape(), groups, x.size(1), weight.size(1) * groups));
    }
  }

  /**
   * The transpose of {@link #of}: shapes [n, o, h', w'] and [o, c / groups, kernel, kernel] -> [n,
   * c, height, width].
   */
  public static Tensor transposed(
      Tensor y, Tensor weight, Axis rows, Axis columns, int groups, int height, int width) {
    Shape image = Shape.of(y.size(0), weight.size(1) * groups, height, width);
    Geometry geometry = Geometry.of(image, weight.shape(), new Axis[] {rows, columns}, groups);
    if (!geometry.output().equals(y.shape())) {
      throw new ShapeException(
          "transposed convolution: %s by %s does not give %s"
              .formatted(y.shape(), weight.shape(), image));
    }
    return new Transposed(geometry, y.contiguous(), weight.contiguous()).apply(image);
  }

  /** The sizes of one convolution. */
  private record Geometry(Shape image, Shape kernel, Shape output, Patches patches, int groups) {

    static Geometry of(Shape image, Shape kernel, Axis[] axes, int groups) {
      Patches patches = new Patches(kernel.size(1), image.size(2), image.size(3), axes[0], axes[1]);
      if (patches.outputHeight() < 1 || patches.outputWidth() < 1) {
        throw new ShapeException(
            "convolution: %s by %s: the window spans [%d,%d], more than the padded input"
                .formatted(image, kernel, axes[0].span(), axes[1].span()));
      }
      Shape output =
          Shape.of(image.size(0), kernel.size(0), patches.outputHeight(), patches.outputWidth());
      return new Geometry(image, kernel, output, patches, groups);
    }

    int samples() {
      return image.size(0);
    }

    int outputsOfGroup() {
      return kernel.size(0) / groups;
    }

    /** Where the input of a sample's group starts. */
    int imageAt(int sample, int group) {
      return (sample * groups + group) * patches.image();
    }

    /** Where the output of a sample's group starts. */
    int outputAt(int sample, int group) {
      return (sample * groups + group) * outputsOfGroup() * patches.places();
    }

    /** Where the kernels of a group start. */
    int kernelAt(int group) {
      return group * outputsOfGroup() * patches.depth();
    }

    long multiplyAdds() {
      return (long) output.elements() * patches.depth();
    }
  }

  /** One of the three; walks over samples and groups. */
  private abstract static class Product extends Op {
    final Geometry geometry;
    final Patches patches;
    final float[] matrix;

    Product(Geometry geometry, Tensor... inputs) {
      super(inputs);
      this.geometry = geometry;
      this.patches = geometry.patches;
      this.matrix = new float[Math.multiplyExact(patches.depth(), patches.places())];
    }

    @Override
    protected void run() {
      for (int sample = 0; sample < geometry.samples(); sample++) {
        for (int group = 0; group < geometry.groups; group++) {
          run(sample, group);
        }
      }
    }

    abstract void run(int sample, int group);

    @Override
    public long multiplyAdds() {
      return geometry.multiplyAdds();
    }

    final Tensor forward(Tensor x, Tensor weight) {
      return new Forward(geometry, false, x.contiguous(), weight.contiguous())
          .apply(geometry.output);
    }

    final Tensor transposed(Tensor y, Tensor weight) {
      return new Transposed(geometry, y.contiguous(), weight.contiguous()).apply(geometry.image);
    }

    final Tensor weightGradient(Tensor x, Tensor y) {
      return new WeightGradient(geometry, x.contiguous(), y.contiguous()).apply(geometry.kernel);
    }
  }

  /** y from x and weight, with the bias and the ReLU that follows where there are. */
  private static final class Forward extends Product {
    private final boolean isRectified;
    private final GemmWorkspace workspace;

    Forward(Geometry geometry, boolean isRectified, Tensor... inputs) {
      super(geometry, inputs);
      this.isRectified = isRectified;
      this.workspace =
          new GemmWorkspace(geometry.outputsOfGroup(), patches.places(), patches.depth());
    }

    @Override
    void run(int sample, int group) {
      int from = input(0).offset() + geometry.imageAt(sample, group);
      if (patches.isImage()) {
        multiply(input(0).array(), from, sample, group);
      } else {
        patches.gather(input(0).array(), from, matrix);
        multiply(matrix, 0, sample, group);
      }
    }

    private void multiply(float[] columns, int from, int sample, int group) {
      int outputs = geometry.outputsOfGroup();
      int at = output().offset() + geometry.outputAt(sample, group);
      if (inputs().size() == 3) {
        fillWithBias(group, at);
      }
      KERNELS.gemm(
          false,
          false,
          outputs,
          patches.places(),
          patches.depth(),
          input(1).array(),
          input(1).offset() + geometry.kernelAt(group),
          patches.depth(),
          columns,
          from,
          patches.places(),
          output().array(),
          at,
          patches.places(),
          inputs().size() == 3,
          workspace);
      if (isRectified) {
        KERNELS.relu(output().array(), at, output().array(), at, outputs * patches.places());
      }
    }

    private void fillWithBias(int group, int at) {
      int outputs = geometry.outputsOfGroup();
      Tensor bias = input(2);
      for (int o = 0; o < outputs; o++) {
        int from = at + o * patches.places();
        float value = bias.array()[bias.offset() + group * outputs + o];
        Arrays.fill(output().array(), from, from + patches.places(), value);
      }
    }

    @Override
    protected Op fuse(Op consumer) {
      if (!isRectified && consumer instanceof Unary.Relu) {
        return new Forward(geometry, true, inputs().toArray(Tensor[]::new))
            .writing(consumer.output());
      }
      return null;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return switch (input) {
        case 0 -> transposed(g, input(1));
        case 1 -> weightGradient(input(0), g);
        default -> g.sum(0, 2, 3);
      };
    }

    @Override
    public String name() {
      return isRectified ? "ConvolutionRelu" : "Convolution";
    }
  }

  /** x's gradient from y's and weight. */
  private static final class Transposed extends Product {
    private final GemmWorkspace workspace;

    Transposed(Geometry geometry, Tensor y, Tensor weight) {
      super(geometry, y, weight);
      this.workspace =
          new GemmWorkspace(patches.depth(), patches.places(), geometry.outputsOfGroup());
    }

    @Override
    void run(int sample, int group) {
      int to = output().offset() + geometry.imageAt(sample, group);
      if (patches.isImage()) {
        multiply(sample, group, output().array(), to);
      } else {
        multiply(sample, group, matrix, 0);
        patches.scatter(matrix, output().array(), to);
      }
    }

    private void multiply(int sample, int group, float[] columns, int to) {
      KERNELS.gemm(
          true,
          false,
          patches.depth(),
          patches.places(),
          geometry.outputsOfGroup(),
          input(1).array(),
          input(1).offset() + geometry.kernelAt(group),
          patches.depth(),
          input(0).array(),
          input(0).offset() + geometry.outputAt(sample, group),
          patches.places(),
          columns,
          to,
          patches.places(),
          false,
          workspace);
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

  /** weight's gradient from x and y's, added up over the samples in order. */
  private static final class WeightGradient extends Product {
    private final GemmWorkspace workspace;

    WeightGradient(Geometry geometry, Tensor x, Tensor y) {
      super(geometry, x, y);
      this.workspace =
          new GemmWorkspace(geometry.outputsOfGroup(), patches.depth(), patches.places());
    }

    @Override
    protected void run() {
      if (geometry.samples() == 0) {
        Strided.fill(output(), 0);
      }
      super.run();
    }

    @Override
    void run(int sample, int group) {
      int from = input(0).offset() + geometry.imageAt(sample, group);
      if (patches.isImage()) {
        multiply(input(0).array(), from, sample, group);
      } else {
        patches.gather(input(0).array(), from, matrix);
        multiply(matrix, 0, sample, group);
      }
    }

    private void multiply(float[] columns, int from, int sample, int group) {
      KERNELS.gemm(
          false,
          true,
          geometry.outputsOfGroup(),
          patches.depth(),
          patches.places(),
          input(1).array(),
          input(1).offset() + geometry.outputAt(sample, group),
          patches.places(),
          columns,
          from,
          patches.places(),
          output().array(),
          output().offset() + geometry.kernelAt(group),
          patches.depth(),
          sample > 0,
          workspace);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? transposed(input(1), g) : forward(input(0), g);
    }

    @Override
    public String name() {
      return "ConvolutionWeightGradient";
    }
  }
}
