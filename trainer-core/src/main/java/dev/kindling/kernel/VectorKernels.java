package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The Vector API where the compiler does not find the vectors by itself. */
final class VectorKernels extends Kernels {
  /** What an element costs a plain loop that chooses, in multiply-adds. */
  private static final int CHOICE = 16;

  private static final int VECTORS = 24;

  /** Elements that stay in the nearest cache between the loops of a function with several. */
  private static final int PIECE = 1024;

  private final Kernels plain = Kernels.scalar();
  private final VectorGemm gemm;
  private final VectorConvolution convolution;
  private final WarmUp pooling;
  private final WarmUp unpooling;
  private final WarmUp rectifying;
  private final WarmUp normalising;
  private final WarmUp adding;
  private final WarmUp summing;
  private final WarmUp softmax;
  private final WarmUp geluSlopes;
  private final VectorMap exponential;
  private final VectorMap logarithm;
  private final VectorMap hyperbolic;
  private final VectorMap logistic;
  private final VectorMap gelu;
  private final CellKernels cells;
  private final AttentionKernels attention;
  private final NormKernels norm;

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
    cells = new VectorCells(policy);
    attention = new VectorAttention(policy);
    norm = new VectorNorm(policy);
    exponential = new VectorMap("exp", policy, VectorKernels::exponentials, super::exp);
    logarithm = new VectorMap("log", policy, VectorFunctions::log, super::log);
    hyperbolic = new VectorMap("tanh", policy, VectorFunctions::tanh, super::tanh);
    logistic = new VectorMap("sigmoid", policy, VectorKernels::sigmoids, super::sigmoid);
    gelu = new VectorMap("gelu", policy, VectorFunctions::gelu, super::gelu);
    adding = policy.of("add", () -> addingSample(n));
    summing = policy.of("columnSums", () -> summingSample(n));
    softmax = policy.of("softmax", () -> softmaxSample(n));
    geluSlopes = policy.of("geluGradient", () -> geluSample(n));
  }

  private static void exponentials(float[] x, int xAt, float[] y, int yAt, int n) {
    VectorFunctions.exp(x, xAt, 1, 0, y, yAt, n);
  }

  private static void sigmoids(float[] x, int xAt, float[] y, int yAt, int n) {
    VectorFunctions.exp(x, xAt, -1, 0, y, yAt, n);
    VectorFunctions.reciprocal(y, yAt, n);
  }

  private static Runnable addingSample(int n) {
    float[] x = new float[n];
    return () -> VectorRows.add(x, 0, x, 0, x, 0, n);
  }

  private static Runnable summingSample(int n) {
    float[] x = new float[n];
    int rows = n / VectorRows.BLOCK;
    return () -> VectorRows.columnSums(x, 0, rows, VectorRows.BLOCK, x, 0);
  }

  private static Runnable softmaxSample(int n) {
    float[] x = new float[n];
    return () -> {
      VectorFunctions.exp(x, 0, 1, VectorRows.max(x, 0, n), x, 0, n);
      VectorRows.scale(x, 0, 1, n);
    };
  }

  private static Runnable geluSample(int n) {
    float[] x = new float[n];
    float[] y = new float[n];
    return () -> geluSlopes(x, 0, x, 0, y, 0, n);
  }

  private static void geluSlopes(
      float[] x, int xAt, float[] g, int gAt, float[] dx, int dxAt, int n) {
    VectorFunctions.halfSquare(x, xAt, dx, dxAt, n);
    VectorFunctions.exp(dx, dxAt, 1, 0, dx, dxAt, n);
    VectorFunctions.geluGradient(x, xAt, g, gAt, dx, dxAt, n);
  }

  @Override
  public CellKernels cells() {
    return cells;
  }

  @Override
  public AttentionKernels attention() {
    return attention;
  }

  @Override
  public NormKernels norm() {
    return norm;
  }

  @Override
  public void exp(float[] x, int xAt, float[] y, int yAt, int n) {
    exponential.run(x, xAt, y, yAt, n);
  }

  @Override
  public void log(float[] x, int xAt, float[] y, int yAt, int n) {
    logarithm.run(x, xAt, y, yAt, n);
  }

  @Override
  public void tanh(float[] x, int xAt, float[] y, int yAt, int n) {
    hyperbolic.run(x, xAt, y, yAt, n);
  }

  @Override
  public void sigmoid(float[] x, int xAt, float[] y, int yAt, int n) {
    logistic.run(x, xAt, y, yAt, n);
  }

  @Override
  public void gelu(float[] x, int xAt, float[] y, int yAt, int n) {
    gelu.run(x, xAt, y, yAt, n);
  }

  @Override
  public void geluGradient(float[] x, int xAt, float[] g, int gAt, float[] dx, int dxAt, int n) {
    int whole = geluSlopes.isOver(CHOICE * n) ? n - n % VectorTiles.LANES : 0;
    for (int i = 0; i < whole; i += PIECE) {
      geluSlopes(x, xAt + i, g, gAt + i, dx, dxAt + i, Math.min(PIECE, whole - i));
    }
    super.geluGradient(x, xAt + whole, g, gAt + whole, dx, dxAt + whole, n - whole);
  }

  @Override
  public void add(float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int n) {
    int whole = adding.isOver(n) ? n - n % VectorTiles.LANES : 0;
    VectorRows.add(a, aAt, b, bAt, c, cAt, whole);
    super.add(a, aAt + whole, b, bAt + whole, c, cAt + whole, n - whole);
  }

  @Override
  public void columnSums(
      float[] x, int xAt, int rows, int columns, int stride, float[] y, int yAt) {
    int whole = summing.isOver(rows * columns) ? columns - columns % VectorRows.BLOCK : 0;
    for (int j = 0; j < whole; j += VectorRows.BLOCK) {
      VectorRows.columnSums(x, xAt + j, rows, stride, y, yAt + j);
    }
    super.columnSums(x, xAt + whole, rows, columns - whole, stride, y, yAt + whole);
  }

  @Override
  float exponentials(float[] x, int xAt, int n, float[] y, int yAt) {
    if (n < VectorTiles.LANES || !softmax.isOver(CHOICE * n)) {
      return super.exponentials(x, xAt, n, y, yAt);
    }
    int whole = n - n % VectorTiles.LANES;
    float largest = VectorRows.max(x, xAt, whole);
    for (int j = whole; j < n; j++) {
      largest = Math.max(largest, x[xAt + j]);
    }
    VectorFunctions.exp(x, xAt, 1, largest, y, yAt, whole);
    for (int j = whole; j < n; j++) {
      y[yAt + j] = Functions.exp(x[xAt + j] - largest);
    }
    return largest;
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
