package dev.kindling.bench;

import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import java.util.Arrays;
import java.util.List;

/** The matrix product, at the shapes that training has and at large ones, all in one JVM. */
final class GemmBench {
  private record Shape(boolean transposeA, boolean transposeB, int m, int n, int k) {
    double flop() {
      return 2.0 * m * n * k;
    }

    String product() {
      return "[%d, %d]%s x [%d, %d]%s"
          .formatted(
              transposeA ? k : m,
              transposeA ? m : k,
              transposeA ? "^T" : "",
              transposeB ? n : k,
              transposeB ? k : n,
              transposeB ? "^T" : "");
    }

    String label() {
      return "%dx%dx%d".formatted(m, n, k);
    }

    String transposed() {
      String letters = (transposeA ? "a" : "") + (transposeB ? "b" : "");
      return letters.isEmpty() ? "none" : letters;
    }
  }

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(false, true, 64, 128, 784), // a first layer: forward, gradient of the weight
          new Shape(true, false, 128, 784, 64),
          new Shape(true, false, 784, 128, 64),
          new Shape(false, true, 64, 64, 128), // a second: forward, gradients of weight and input
          new Shape(true, false, 64, 128, 64),
          new Shape(false, false, 64, 128, 64),
          new Shape(false, true, 64, 10, 64), // a last one
          new Shape(true, false, 10, 64, 64),
          new Shape(false, false, 64, 64, 10),
          new Shape(false, false, 8, 128, 784), // a small share of a batch
          new Shape(false, false, 64, 128, 784),
          new Shape(false, false, 256, 256, 256),
          new Shape(false, false, 512, 512, 512),
          new Shape(false, false, 1024, 1024, 1024));

  private GemmBench() {}

  static void run(Bench bench) {
    bench.say("%-32s %10s %10s %8s %8s", "product", "us", "GFLOP/s", "of peak", "at best");
    // All shapes once before the first is measured: what is compiled for one serves them all.
    SHAPES.forEach(shape -> new Product(shape).run(20));
    SHAPES.forEach(shape -> measure(bench, shape));
  }

  private static void measure(Bench bench, Shape shape) {
    Figures figures = bench.measure(shape.flop(), () -> new Product(shape));
    bench.say(
        "%-32s %10.1f %10.1f %8.2f %8.2f",
        shape.product(),
        1e6 * figures.seconds(),
        figures.gflops(),
        figures.peakShare(),
        figures.bestPeakShare());
    bench.figure(
        "shape=%s transposed=%s gflops=%.1f peak_gflops=%.1f peak_share=%.3f best_peak_share=%.3f",
        shape.label(),
        shape.transposed(),
        figures.gflops(),
        figures.peakGflops(),
        figures.peakShare(),
        figures.bestPeakShare());
  }

  private static final class Product implements Work {
    private final Kernels kernels = Kernels.best();
    private final Shape shape;
    private final float[] a;
    private final float[] b;
    private final float[] c;
    private final GemmWorkspace workspace;

    Product(Shape shape) {
      this.shape = shape;
      a = new float[shape.m * shape.k];
      b = new float[shape.k * shape.n];
      c = new float[shape.m * shape.n];
      Arrays.fill(a, 0.5f);
      Arrays.fill(b, 0.25f);
      workspace = new GemmWorkspace(shape.m, shape.n, shape.k);
    }

    @Override
    public void run(int times) {
      for (int i = 0; i < times; i++) {
        kernels.gemm(
            shape.transposeA,
            shape.transposeB,
            shape.m,
            shape.n,
            shape.k,
            a,
            0,
            shape.transposeA ? shape.m : shape.k,
            b,
            0,
            shape.transposeB ? shape.k : shape.n,
            c,
            0,
            shape.n,
            false,
            workspace);
      }
    }
  }
}
