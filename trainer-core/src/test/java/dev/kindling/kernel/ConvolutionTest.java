package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.kernel.ConvolutionLayout.Line;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The convolution against one chain of fused multiply-adds an element, bit for bit, and against
 * sums in double precision.
 */
class ConvolutionTest {
  private static final long SEED = 11;

  private record Case(int channels, int outputs, Line rows, Line columns) {
    @Override
    public String toString() {
      return "%d->%d, rows %s, columns %s".formatted(channels, outputs, rows, columns);
    }
  }

  private static Line same(int size, int kernel) {
    return new Line(size, size, kernel, 1, kernel / 2, 1, 1);
  }

  private static Case same(int channels, int outputs, int size, int kernel) {
    return new Case(channels, outputs, same(size, kernel), same(size, kernel));
  }

  private static Line line(int size, int kernel, int stride, int before, int dilation) {
    int outputs = (size + 2 * before - dilation * (kernel - 1) - 1) / stride + 1;
    return new Line(size, outputs, kernel, stride, before, dilation, 1);
  }

  private static Stream<Case> cases() {
    return Stream.of(
        same(3, 32, 32, 5),
        same(32, 32, 16, 5),
        same(1, 32, 28, 3),
        same(5, 64, 14, 3),
        same(4, 33, 8, 3),
        same(3, 7, 7, 3),
        same(2, 16, 7, 5),
        same(2, 3, 5, 5),
        same(3, 8, 2, 3),
        same(3, 40, 1, 3),
        same(7, 20, 11, 1),
        same(2, 32, 28, 1),
        same(2, 5, 19, 7),
        new Case(3, 5, line(9, 3, 2, 1, 1), line(13, 3, 2, 0, 1)),
        new Case(2, 32, line(9, 2, 3, 0, 2), line(17, 3, 2, 2, 3)),
        new Case(2, 6, line(1, 1, 1, 0, 1), line(15, 5, 1, 4, 1)),
        new Case(2, 6, line(6, 4, 1, 3, 1), line(10, 3, 1, 1, 2)),
        new Case(2, 6, line(9, 3, 2, 1, 1).transposed(), line(13, 3, 2, 0, 1).transposed()),
        new Case(3, 6, line(5, 3, 1, 4, 1).transposed(), line(6, 3, 3, 3, 1).transposed()),
        new Case(3, 32, line(8, 2, 2, 0, 1).transposed(), line(8, 5, 1, 0, 2).transposed()));
  }

  @TestFactory
  Stream<DynamicTest> everyElementIsOneChain() {
    System.out.println("seed " + SEED);
    return Stream.of(Kernels.scalar(), Kernels.best(), new VectorKernels(WarmUp::none))
        .flatMap(
            kernels ->
                cases().map(c -> dynamicTest(kernels.name() + " " + c, () -> check(kernels, c))));
  }

  private static void check(Kernels kernels, Case c) {
    check(kernels, c, true, 0);
    check(kernels, c, false, 3);
  }

  private static void check(Kernels kernels, Case c, boolean isChannelsLast, int gap) {
    SplittableRandom random = new SplittableRandom(SEED);
    ConvolutionLayout layout =
        new ConvolutionLayout(c.channels(), c.outputs(), c.rows(), c.columns());
    float[] x = uniform(random, 2 + c.channels() * c.rows().size() * c.columns().size());
    float[] w = uniform(random, 3 + c.outputs() * layout.depth());
    float[] bias = uniform(random, 1 + c.outputs());
    int apart = c.outputs() + gap;
    float[] dy = uniform(random, 5 + layout.places() * apart);

    float[] y = uniform(random, 5 + layout.places() * apart);
    float[] expected = y.clone();
    expectOutputs(c, layout, isChannelsLast, x, w, bias, expected, apart);
    ConvolutionWorkspace outputs = ConvolutionWorkspace.forOutputs(kernels, layout);
    load(outputs, c, isChannelsLast, x);
    int window = c.rows().kernel() * c.columns().kernel();
    outputs.packWeights(w, 3, layout.depth(), window, c.columns().kernel(), 1);
    outputs.packBias(bias, 1);
    kernels.convolve(outputs, y, 5, apart);
    assertThat(y).isEqualTo(expected);

    float[] dw = uniform(random, 4 + c.outputs() * layout.depth());
    float[] expectedGradients = dw.clone();
    expectGradients(c, layout, isChannelsLast, x, dy, expectedGradients, apart);
    ConvolutionWorkspace weights = ConvolutionWorkspace.forWeights(kernels, layout);
    weights.clearGradients();
    load(weights, c, isChannelsLast, x);
    kernels.convolutionWeights(weights, dy, 5, apart);
    load(weights, c, isChannelsLast, x);
    kernels.convolutionWeights(weights, dy, 5, apart);
    weights.unpackGradients(dw, 4);
    assertThat(dw).isEqualTo(expectedGradients);
  }

  private static void load(
      ConvolutionWorkspace workspace, Case c, boolean isChannelsLast, float[] x) {
    int width = c.columns().size();
    if (isChannelsLast) {
      workspace.load(x, 2, 1, width * c.channels(), c.channels());
    } else {
      workspace.load(x, 2, c.rows().size() * width, width, 1);
    }
  }

  private static void expectOutputs(
      Case c,
      ConvolutionLayout layout,
      boolean isChannelsLast,
      float[] x,
      float[] w,
      float[] bias,
      float[] y,
      int apart) {
    double largest = 0;
    for (int q = 0; q < layout.places(); q++) {
      for (int o = 0; o < c.outputs(); o++) {
        float chain = bias[1 + o];
        double sum = bias[1 + o];
        for (int k = 0; k < layout.depth(); k++) {
          float factor = read(c, isChannelsLast, x, q, k);
          chain = Math.fma(factor, w[3 + o * layout.depth() + k], chain);
          sum += (double) factor * w[3 + o * layout.depth() + k];
        }
        largest = Math.max(largest, Math.abs(chain - sum));
        y[5 + q * apart + o] = chain;
      }
    }
    assertThat(largest).isLessThan(1e-4);
  }

  /** The same image twice, added up in order. */
  private static void expectGradients(
      Case c,
      ConvolutionLayout layout,
      boolean isChannelsLast,
      float[] x,
      float[] dy,
      float[] dw,
      int apart) {
    double largest = 0;
    for (int k = 0; k < layout.depth(); k++) {
      for (int o = 0; o < c.outputs(); o++) {
        float chain = 0;
        double sum = 0;
        for (int q = 0; q < 2 * layout.places(); q++) {
          int place = q % layout.places();
          float factor = read(c, isChannelsLast, x, place, k);
          chain = Math.fma(factor, dy[5 + place * apart + o], chain);
          sum += (double) factor * dy[5 + place * apart + o];
        }
        largest = Math.max(largest, Math.abs(chain - sum));
        dw[4 + o * layout.depth() + k] = chain;
      }
    }
    assertThat(largest).isLessThan(1e-3);
  }

  /** What element k of the window at place q reads. */
  private static float read(Case c, boolean isChannelsLast, float[] x, int q, int k) {
    int kernel = c.columns().kernel();
    int channel = k / kernel / c.rows().kernel();
    int h = input(c.rows(), q / c.columns().outputs(), k / kernel % c.rows().kernel());
    int w = input(c.columns(), q % c.columns().outputs(), k % kernel);
    if (h < 0 || w < 0) {
      return 0;
    }
    int width = c.columns().size();
    return isChannelsLast
        ? x[2 + (h * width + w) * c.channels() + channel]
        : x[2 + (channel * c.rows().size() + h) * width + w];
  }

  /** The input that an output reads, or -1 for a zero. */
  private static int input(Line line, int output, int k) {
    int place = output * line.stride() + k * line.dilation() - line.before();
    boolean isInput = place % line.spread() == 0 && place / line.spread() < line.size();
    return place >= 0 && isInput ? place / line.spread() : -1;
  }

  private static float[] uniform(SplittableRandom random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }
}
