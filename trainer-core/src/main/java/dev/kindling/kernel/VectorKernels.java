package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The Vector API where the compiler does not find the vectors by itself. */
final class VectorKernels extends Kernels {
  /** What an element costs a plain loop that chooses, in multiply-adds. */
  private static final int CHOICE = 16;

  private static final int VECTORS = 24;

  private final Kernels plain = Kernels.scalar();
  private final VectorGemm gemm;
  private final VectorConvolution convolution;
  private final WarmUp pooling;
  private final WarmUp unpooling;
  private final WarmUp rectifying;
  private final WarmUp normalising;

  /** Vectors as soon as they are compiled. */
  VectorKernels() {
    this(WarmUp::earned);
  }

  VectorKernels(WarmUp.Policy policy) {
    gemm = new VectorGemm(policy);
    convolution = new VectorConvolution(policy);
    int n = VECTORS * VectorTiles.LANES;
    pooling =
        policy.of(
            "maxOfFour",
            () -> {
              float[] x = new float[2 * n];
              float[] y = new float[2 * n];
              return () -> Pooling.maxOfFour(x, 0, 0, n, y, 0, y, n, n);
            });
    unpooling =
        policy.of(
            "gradientOfFour",
            () -> {
              float[] x = new float[n];
              float[] dx = new float[3 * n];
              return () -> Pooling.gradientOfFour(x, 0, x, 0, x, 0, 0, n, dx, 0, 0, n);
            });
    rectifying =
        policy.of(
            "reluBackward",
            () -> {
              float[] x = new float[n];
              return () -> rectified(x, 0, x, 0, x, 0, n);
            });
    normalising =
        policy.of(
            "normalise",
            () -> {
              byte[] x = new byte[n];
              float[] y = new float[n];
              return () -> VectorPixels.normalise(x, 0, 1, 0, 1, y, 0, n);
            });
  }

  @Override
  public String name() {
    return "Vector API, " + VectorTiles.SPECIES.vectorBitSize() + " bits";
  }

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] c,
      int cOffset,
      int ldc,
      boolean accumulate,
      GemmWorkspace workspace) {
    gemm.run(
        transposeA,
        transposeB,
        m,
        n,
        k,
        a,
        aOffset,
        lda,
        b,
        bOffset,
        ldb,
        c,
        cOffset,
        ldc,
        accumulate,
        workspace);
  }

  @Override
  int panelWidth() {
    return VectorTiles.WIDTH;
  }

  @Override
  public void convolve(ConvolutionWorkspace workspace, float[] y, int yAt, int apart) {
    convolution.outputs(workspace, y, yAt, apart);
  }

  @Override
  public void convolutionWeights(ConvolutionWorkspace workspace, float[] dy, int dyAt, int apart) {
    convolution.weights(workspace, dy, dyAt, apart);
  }

  @Override
  public void maxOfFour(
      float[] x, int top, int below, int n, float[] y, int yAt, float[] chosen, int chosenAt) {
    int whole = pooling.isOver(CHOICE * n) ? n - n % VectorTiles.LANES : 0;
    Pooling.maxOfFour(x, top, below, n, y, yAt, chosen, chosenAt, whole);
    PoolLoops.maxOfFour(whole, x, top, below, n, y, yAt, chosen, chosenAt);
  }

  @Override
  public void gradientOfFour(
      float[] g,
      int gAt,
      float[] chosen,
      int chosenAt,
      float[] y,
      int yAt,
      float above,
      int n,
      float[] dx,
      int top,
      int below) {
    int whole = unpooling.isOver(CHOICE * n) ? n - n % VectorTiles.LANES : 0;
    Pooling.gradientOfFour(g, gAt, chosen, chosenAt, y, yAt, above, n, dx, top, below, whole);
    PoolLoops.gradientOfFour(whole, g, gAt, chosen, chosenAt, y, yAt, above, n, dx, top, below);
  }

  @Override
  public void reluBackward(float[] dy, int dyAt, float[] y, int yAt, float[] dx, int dxAt, int n) {
    int whole = rectifying.isOver(CHOICE * n) ? n - n % VectorTiles.LANES : 0;
    rectified(dy, dyAt, y, yAt, dx, dxAt, whole);
    plain.reluBackward(dy, dyAt + whole, y, yAt + whole, dx, dxAt + whole, n - whole);
  }

  /** A whole number of vectors. */
  private static void rectified(
      float[] dy, int dyAt, float[] y, int yAt, float[] dx, int dxAt, int whole) {
    for (int i = 0; i < whole; i += VectorTiles.LANES) {
      VectorMask<Float> isPositive =
          FloatVector.fromArray(VectorTiles.SPECIES, y, yAt + i).compare(VectorOperators.GT, 0);
      FloatVector g = FloatVector.fromArray(VectorTiles.SPECIES, dy, dyAt + i);
      FloatVector.zero(VectorTiles.SPECIES).blend(g, isPositive).intoArray(dx, dxAt + i);
    }
  }

  @Override
  public void normalise(
      byte[] x,
      int xAt,
      float scale,
      float mean,
      float deviation,
      float[] table,
      float[] y,
      int yAt,
      int n) {
    boolean wide = VectorTiles.LANES >= VectorPixels.FEWEST_LANES && normalising.isOver(n);
    int whole = wide ? n - n % VectorTiles.LANES : 0;
    if (wide) {
      VectorPixels.normalise(x, xAt, scale, mean, deviation, y, yAt, whole);
    }
    super.normalise(x, xAt + whole, scale, mean, deviation, table, y, yAt + whole, n - whole);
  }

  /** A whole number of vectors of channels. */
  private static final class Pooling {
    static void maxOfFour(
        float[] x,
        int top,
        int below,
        int n,
        float[] y,
        int yAt,
        float[] chosen,
        int chosenAt,
        int whole) {
      for (int c = 0; c < whole; c += VectorTiles.LANES) {
        FloatVector most = FloatVector.fromArray(VectorTiles.SPECIES, x, top + c);
        FloatVector which = FloatVector.zero(VectorTiles.SPECIES);
        FloatVector next = FloatVector.fromArray(VectorTiles.SPECIES, x, top + n + c);
        VectorMask<Float> isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(1, isLarger);
        next = FloatVector.fromArray(VectorTiles.SPECIES, x, below + c);
        isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(2, isLarger);
        next = FloatVector.fromArray(VectorTiles.SPECIES, x, below + n + c);
        isLarger = next.compare(VectorOperators.GT, most);
        most = most.blend(next, isLarger);
        which = which.blend(3, isLarger);
        most.intoArray(y, yAt + c);
        which.intoArray(chosen, chosenAt + c);
      }
    }

    static void gradientOfFour(
        float[] g,
        int gAt,
        float[] chosen,
        int chosenAt,
        float[] y,
        int yAt,
        float above,
        int n,
        float[] dx,
        int top,
        int below,
        int whole) {
      FloatVector zero = FloatVector.zero(VectorTiles.SPECIES);
      for (int c = 0; c < whole; c += VectorTiles.LANES) {
        FloatVector which = FloatVector.fromArray(VectorTiles.SPECIES, chosen, chosenAt + c);
        FloatVector passed =
            zero.blend(
                FloatVector.fromArray(VectorTiles.SPECIES, g, gAt + c),
                FloatVector.fromArray(VectorTiles.SPECIES, y, yAt + c)
                    .compare(VectorOperators.GT, above));
        zero.blend(passed, which.compare(VectorOperators.EQ, 0)).intoArray(dx, top + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 1)).intoArray(dx, top + n + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 2)).intoArray(dx, below + c);
        zero.blend(passed, which.compare(VectorOperators.EQ, 3)).intoArray(dx, below + n + c);
      }
    }
  }
}
