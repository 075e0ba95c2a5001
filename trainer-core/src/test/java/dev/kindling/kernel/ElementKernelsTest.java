package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Vectors against plain loops, bit for bit, at odd lengths and places. */
class ElementKernelsTest {
  private static final long SEED = 11;
  private static final int[] LENGTHS = {0, 1, 7, 16, 17, 33, 100, 259};
  private static final float[] ENDS = {
    0,
    -0f,
    1,
    -1,
    0.625f,
    -0.625f,
    44.3f,
    88.72283f,
    88.73f,
    -87.33654f,
    -87.4f,
    1e30f,
    -1e30f,
    Float.MIN_VALUE,
    1e-39f,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    3.925f,
    5.6f,
    -5.6f
  };

  private final Kernels plain = Kernels.scalar();
  private final Kernels vector = new VectorKernels(WarmUp::none);

  private interface Run {
    /** Writes into y from place 5 on; x, u and v have elements of any value from place 3 on. */
    void on(Kernels kernels, float[] x, float[] u, float[] v, float[] y, int n);
  }

  private record Case(String name, Run run) {}

  private static Stream<Case> cases() {
    return Stream.of(
        new Case("exp", (k, x, u, v, y, n) -> k.exp(x, 3, y, 5, n)),
        new Case("log", (k, x, u, v, y, n) -> k.log(x, 3, y, 5, n)),
        new Case("tanh", (k, x, u, v, y, n) -> k.tanh(x, 3, y, 5, n)),
        new Case("sigmoid", (k, x, u, v, y, n) -> k.sigmoid(x, 3, y, 5, n)),
        new Case("gelu", (k, x, u, v, y, n) -> k.gelu(x, 3, y, 5, n)),
        new Case("gelu's gradient", (k, x, u, v, y, n) -> k.geluGradient(x, 3, u, 4, y, 5, n)),
        new Case("relu", (k, x, u, v, y, n) -> k.relu(x, 3, y, 5, n)),
        new Case("add", (k, x, u, v, y, n) -> k.add(x, 3, u, 4, y, 5, n)),
        new Case("softmax", (k, x, u, v, y, n) -> k.softmaxRows(u, 3, 2, n / 2, y, 5)),
        new Case("column sums", (k, x, u, v, y, n) -> k.columnSums(u, 3, 9, n, n + 2, y, 5)),
        new Case("product", (k, x, u, v, y, n) -> k.cells().product(x, 3, u, 4, y, 5, n)),
        new Case(
            "interpolate", (k, x, u, v, y, n) -> k.cells().interpolate(u, 3, v, 4, u, 7, y, 5, n)),
        new Case("LSTM", (k, x, u, v, y, n) -> k.cells().lstm(u, 3, n, n, v, 4, y, 5)),
        new Case(
            "LSTM's gradient",
            (k, x, u, v, y, n) -> k.cells().lstmGradient(u, 3, n, v, 4, v, 9, u, 7, y, 5, y, 1500)),
        new Case(
            "GRU's gradient",
            (k, x, u, v, y, n) -> k.cells().gruGradient(u, 3, n, v, 4, y, 5, y, 1500)),
        new Case("attention", (k, x, u, v, y, n) -> k.attention().softmax(y, 5, 7, n, 0.7f)),
        new Case("slim product", (k, x, u, v, y, n) -> slim(k, false, 8 + n % 16, 16, u, v, y)),
        new Case(
            "slim product, transposed",
            (k, x, u, v, y, n) -> slim(k, true, 16 + 8 * (n % 2), 16 + n % 3, u, v, y)),
        new Case(
            "attention's gradient",
            (k, x, u, v, y, n) -> k.attention().softmaxGradient(u, 3, y, 5, 7, n, 0.7f)),
        new Case(
            "sum", (k, x, u, v, y, n) -> y[0] = k.norm().sum(u, 3, n, new float[NormKernels.ROOM])),
        new Case(
            "squares",
            (k, x, u, v, y, n) ->
                y[0] = k.norm().squares(u, 3, n, 0.1f, new float[NormKernels.ROOM])),
        new Case(
            "dot",
            (k, x, u, v, y, n) ->
                y[0] = k.norm().dot(u, 3, 0.1f, v, 4, 0, n, new float[NormKernels.ROOM])),
        new Case("centre", (k, x, u, v, y, n) -> k.norm().centre(u, 3, 0.1f, v, 4, 2, 3, y, 5, n)),
        new Case(
            "affine", (k, x, u, v, y, n) -> k.norm().affine(u, 3, 0.1f, 3, v, 4, v, 9, y, 5, n)),
        new Case(
            "layer norm's gradient",
            (k, x, u, v, y, n) ->
                k.norm()
                    .gradient(
                        u,
                        3,
                        v,
                        4,
                        0.1f,
                        3,
                        v,
                        9,
                        y,
                        5,
                        y,
                        700,
                        1100,
                        n,
                        new float[NormKernels.ROOM])));
  }

  private static void slim(
      Kernels kernels, boolean transposeA, int m, int n, float[] a, float[] b, float[] c) {
    GemmWorkspace workspace = new GemmWorkspace(m, n, 21);
    kernels.attention().product(transposeA, m, n, 21, a, 3, 29, b, 4, 37, c, 5, 41, workspace);
  }

  @TestFactory
  Stream<DynamicTest> vectorsHaveTheBitsOfPlainLoops() {
    System.out.println("seed " + SEED);
    return cases().map(c -> dynamicTest(c.name, () -> compare(c.run)));
  }

  private void compare(Run run) {
    for (int n : LENGTHS) {
      SplittableRandom random = new SplittableRandom(SEED);
      float[] x = uniform(random, 4000, -20, 20);
      System.arraycopy(ENDS, 0, x, 3 + n / 3, ENDS.length);
      float[] u = uniform(random, 4000, -1, 1);
      float[] v = uniform(random, 4000, -1, 1);
      float[] expected = uniform(random, 4000, -1, 1);
      float[] actual = expected.clone();
      run.on(plain, x, u, v, expected, n);
      run.on(vector, x, u, v, actual, n);
      assertThat(actual).as("length %d", n).containsExactly(expected);
    }
  }

  private static float[] uniform(SplittableRandom random, int length, double low, double high) {
    float[] elements = new float[length];
    for (int i = 0; i < length; i++) {
      elements[i] = (float) random.nextDouble(low, high);
    }
    return elements;
  }

  @Test
  void geluAndItsSlopeAreThoseOfTheNormalDistribution() {
    for (int i = -600; i <= 600; i++) {
      float x = i / 100f;
      assertThat((double) Functions.gelu(x)).isCloseTo(x * normal(x), Offset.offset(2e-6));
      double density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
      assertThat((double) Functions.geluSlope(x))
          .isCloseTo(normal(x) + x * density, Offset.offset(2e-6));
    }
  }

  /** The integral of the density by Simpson's rule. */
  private static double normal(double x) {
    DoubleUnaryOperator density = t -> Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
    int pieces = 400;
    double step = x / pieces;
    double sum = density.applyAsDouble(0) + density.applyAsDouble(x);
    for (int i = 1; i < pieces; i++) {
      sum += (i % 2 == 0 ? 2 : 4) * density.applyAsDouble(i * step);
    }
    return 0.5 + sum * step / 3;
  }

  @Test
  void aColumnOfAttentionIsASoftmax() {
    float[] p = {1, -2, 3, 0.5f, 0, -1e30f};
    plain.attention().softmax(p, 0, 3, 2, 0.5f);
    double first = Math.exp(0.5) + Math.exp(1.5) + 1;
    double second = Math.exp(-1) + Math.exp(0.25);
    double[] expected = {
      Math.exp(0.5) / first,
      Math.exp(-1) / second,
      Math.exp(1.5) / first,
      Math.exp(0.25) / second,
      1 / first,
      0
    };
    for (int i = 0; i < p.length; i++) {
      assertThat((double) p[i]).isCloseTo(expected[i], Offset.offset(1e-6));
    }
    assertThat(p[5]).isZero();
  }
}
