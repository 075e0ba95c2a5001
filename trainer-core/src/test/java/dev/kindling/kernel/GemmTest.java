package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The matrix product against one chain of fused multiply-adds an element, bit for bit. */
class GemmTest {
  private static final long SEED = 5;
  private static final int[][] SHAPES = {
    {0, 3, 4},
    {3, 0, 4},
    {3, 4, 0},
    {1, 1, 1},
    {1, 33, 7},
    {2, 31, 5},
    {3, 32, 17},
    {5, 65, 3},
    {12, 32, 16},
    {13, 33, 17},
    {16, 64, 784},
    {17, 100, 31},
    {64, 10, 64},
    {10, 64, 64},
    {25, 15, 520},
    {64, 128, 784},
    {50, 48, 1030},
    {31, 784, 9}
  };

  @TestFactory
  Stream<DynamicTest> everyElementIsOneChainOverAscendingK() {
    System.out.println("seed " + SEED);
    return Stream.of(Kernels.scalar(), Kernels.best(), new VectorKernels(WarmUp::none))
        .flatMap(
            kernels ->
                Stream.of(SHAPES)
                    .map(
                        s ->
                            dynamicTest(
                                kernels.name() + " " + s[0] + "x" + s[1] + "x" + s[2],
                                () -> check(kernels, s[0], s[1], s[2]))));
  }

  @TestFactory
  Stream<DynamicTest> aLinearLayerAddsTheBiasToCompleteSums() {
    return Stream.of(Kernels.scalar(), Kernels.best(), new VectorKernels(WarmUp::none))
        .flatMap(
            kernels ->
                Stream.of(SHAPES)
                    .map(
                        s ->
                            dynamicTest(
                                kernels.name() + " " + s[0] + "x" + s[1] + "x" + s[2],
                                () -> {
                                  checkLinear(kernels, false, s[0], s[1], s[2]);
                                  checkLinear(kernels, true, s[0], s[1], s[2]);
                                })));
  }

  private static void checkLinear(Kernels kernels, boolean rectify, int m, int n, int k) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] x = uniform(random, 3 + m * k);
    float[] weight = uniform(random, 2 + n * k);
    float[] bias = uniform(random, 1 + n);
    float[] y = uniform(random, 5 + m * n);
    float[] expected = y.clone();
    GemmWorkspace workspace = new GemmWorkspace(m, n, k);
    Kernels.scalar()
        .gemm(false, true, m, n, k, x, 3, k, weight, 2, k, expected, 5, n, false, workspace);
    for (int i = 0; i < m * n; i++) {
      float sum = expected[5 + i] + bias[1 + i % n];
      expected[5 + i] = rectify ? Math.max(sum, 0) : sum;
    }
    kernels.linear(m, n, k, x, 3, weight, 2, bias, 1, rectify, y, 5, workspace);
    assertThat(y).as("rectified %s", rectify).containsExactly(expected);
  }

  private static void check(Kernels kernels, int m, int n, int k) {
    for (int bits = 0; bits < 8; bits++) {
      check(kernels, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, m, n, k);
    }
  }

  private static void check(
      Kernels kernels,
      boolean transposeA,
      boolean transposeB,
      boolean accumulate,
      int m,
      int n,
      int k) {
    SplittableRandom random = new SplittableRandom(SEED);
    int lda = (transposeA ? m : k) + 3;
    int ldb = (transposeB ? k : n) + 2;
    int ldc = n + 5;
    float[] a = uniform(random, 7 + lda * (transposeA ? k : m));
    float[] b = uniform(random, 4 + ldb * (transposeB ? n : k));
    float[] c = uniform(random, 9 + ldc * m);
    float[] expected = c.clone();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = accumulate ? c[9 + i * ldc + j] : 0;
        for (int p = 0; p < k; p++) {
          float x = a[7 + (transposeA ? p * lda + i : i * lda + p)];
          float y = b[4 + (transposeB ? j * ldb + p : p * ldb + j)];
          sum = Math.fma(x, y, sum);
        }
        expected[9 + i * ldc + j] = sum;
      }
    }
    kernels.gemm(
        transposeA,
        transposeB,
        m,
        n,
        k,
        a,
        7,
        lda,
        b,
        4,
        ldb,
        c,
        9,
        ldc,
        accumulate,
        new GemmWorkspace(m, n, k));
    assertThat(c)
        .as("transposeA %s transposeB %s accumulate %s", transposeA, transposeB, accumulate)
        .containsExactly(expected);
  }

  private static float[] uniform(SplittableRandom random, int length) {
    float[] elements = new float[length];
    for (int i = 0; i < length; i++) {
      elements[i] = (float) random.nextDouble(-1, 1);
    }
    return elements;
  }
}
