package dev.kindling.bench;

import dev.kindling.kernel.ConvolutionLayout;
import dev.kindling.kernel.ConvolutionLayout.Line;
import dev.kindling.kernel.ConvolutionWorkspace;
import dev.kindling.kernel.Kernels;
import java.util.Arrays;
import java.util.List;

/**
 * The three products of a convolution on a batch of 64, images channels last, all in one JVM. The
 * copying into padded planes and the packing of the weights count as part of the work.
 */
final class ConvolutionBench {
  private static final int SAMPLES = 64;

  private record Shape(int channels, int outputs, int size, int kernel) {
    double flop() {
      return 2.0 * SAMPLES * size * size * outputs * channels * kernel * kernel;
    }

    String label() {
      return "%d->%d,%dx%d,%dx%d".formatted(channels, outputs, size, size, kernel, kernel);
    }

    ConvolutionLayout forward() {
      return new ConvolutionLayout(channels, outputs, line(), line());
    }

    ConvolutionLayout backward() {
      return new ConvolutionLayout(outputs, channels, line().transposed(), line().transposed());
    }

    private Line line() {
      return new Line(size, size, kernel, 1, kernel / 2, 1, 1);
    }
  }

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(3, 32, 32, 5),
          new Shape(32, 32, 16, 5),
          new Shape(32, 64, 8, 5),
          new Shape(1, 32, 28, 3),
          new Shape(32, 64, 14, 3));

  private ConvolutionBench() {}

  static void run(Bench bench) {
    bench.say("%-22s %-10s %10s %8s %8s", "convolution", "product", "us", "of peak", "at best");
    // All shapes once before the first is measured: what is compiled for one serves them all.
    for (Shape shape : SHAPES) {
      products(shape).forEach(product -> product.run(3));
    }
    for (Shape shape : SHAPES) {
      for (Product product : products(shape)) {
        measure(bench, shape, product);
      }
    }
  }

  /** No gradient is asked of a network's input: one or three channels. */
  private static List<Product> products(Shape shape) {
    Product forward = new Outputs(shape, false);
    Product weights = new Weights(shape);
    return shape.channels <= 3
        ? List.of(forward, weights)
        : List.of(forward, weights, new Outputs(shape, true));
  }

  private static void measure(Bench bench, Shape shape, Product product) {
    Figures figures = bench.measure(shape.flop(), product::another);
    bench.say(
        "%-22s %-10s %10.1f %8.2f %8.2f",
        shape.label(),
        product.name(),
        1e6 * figures.seconds(),
        figures.peakShare(),
        figures.bestPeakShare());
    bench.figure(
        "shape=%s product=%s gflops=%.1f peak_gflops=%.1f peak_share=%.3f best_peak_share=%.3f",
        shape.label(),
        product.name(),
        figures.gflops(),
        figures.peakGflops(),
        figures.peakShare(),
        figures.bestPeakShare());
  }

  private interface Product extends Work {
    String name();

    Product another();
  }

  private static float[] filled(int n) {
    float[] x = new float[n];
    Arrays.fill(x, 0.25f);
    return x;
  }

  /** The output, or the gradient of the input. */
  private static final class Outputs implements Product {
    private final Kernels kernels = Kernels.best();
    private final Shape shape;
    private final boolean isBackward;
    private final int from;
    private final int to;
    private final float[] x;
    private final float[] weight;
    private final float[] y;
    private final ConvolutionWorkspace workspace;

    Outputs(Shape shape, boolean isBackward) {
      this.shape = shape;
      this.isBackward = isBackward;
      from = isBackward ? shape.outputs : shape.channels;
      to = isBackward ? shape.channels : shape.outputs;
      x = filled(SAMPLES * shape.size * shape.size * from);
      y = filled(SAMPLES * shape.size * shape.size * to);
      weight = filled(from * to * shape.kernel * shape.kernel);
      workspace =
          ConvolutionWorkspace.forOutputs(kernels, isBackward ? shape.backward() : shape.forward());
    }

    @Override
    public void run(int times) {
      int window = shape.kernel * shape.kernel;
      int image = shape.size * shape.size;
      for (int i = 0; i < times; i++) {
        if (isBackward) {
          workspace.packWeights(weight, window - 1, window, to * window, -shape.kernel, -1);
        } else {
          workspace.packWeights(weight, 0, from * window, window, shape.kernel, 1);
        }
        for (int n = 0; n < SAMPLES; n++) {
          workspace.load(x, n * image * from, 1, shape.size * from, from);
          kernels.convolve(workspace, y, n * image * to, to);
        }
      }
    }

    @Override
    public String name() {
      return isBackward ? "input" : "output";
    }

    @Override
    public Product another() {
      return new Outputs(shape, isBackward);
    }
  }

  /** The gradient of the weights. */
  private static final class Weights implements Product {
    private final Kernels kernels = Kernels.best();
    private final Shape shape;
    private final float[] x;
    private final float[] dy;
    private final float[] dw;
    private final ConvolutionWorkspace workspace;

    Weights(Shape shape) {
      this.shape = shape;
      int places = SAMPLES * shape.size * shape.size;
      x = filled(places * shape.channels);
      dy = filled(places * shape.outputs);
      dw = new float[shape.outputs * shape.channels * shape.kernel * shape.kernel];
      workspace = ConvolutionWorkspace.forWeights(kernels, shape.forward());
    }

    @Override
    public void run(int times) {
      int image = shape.size * shape.size;
      for (int i = 0; i < times; i++) {
        workspace.clearGradients();
        for (int n = 0; n < SAMPLES; n++) {
          int at = n * image * shape.channels;
          workspace.load(x, at, 1, shape.size * shape.channels, shape.channels);
          int dyAt = n * image * shape.outputs;
          kernels.convolutionWeights(workspace, dy, dyAt, shape.outputs);
        }
        workspace.unpackGradients(dw, 0);
      }
    }

    @Override
    public String name() {
      return "weight";
    }

    @Override
    public Product another() {
      return new Weights(shape);
    }
  }
}
