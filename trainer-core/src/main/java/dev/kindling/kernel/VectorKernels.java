package dev.kindling.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  private final WarmUp adding;
  private final WarmUp checking;
  private final WarmUp rounding;
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
  private final List<WarmUp> warmUps = new ArrayList<>();

  /** Vectors as soon as they are compiled. */
  VectorKernels() {
    this(WarmUp::earned);
  }

  VectorKernels(WarmUp.Policy warmUpPolicy) {
    FirstCalls firstCalls = new FirstCalls();
    WarmUp.Policy policy =
        (name, sample) -> {
          WarmUp warmUp = warmUpPolicy.of(name, firstCalls.before(sample));
          warmUps.add(warmUp);
          return warmUp;
        };
    PanelCopy copy = new PanelCopy(policy);
    gemm = new VectorGemm(policy, copy);
    convolution = new VectorConvolution(policy, copy);
    int n = VECTORS * VectorTiles.LANES;
    pooling =
        policy.of(
            "maxOfFour",
            () -> {
              float[] x = new float[2 * n];
              float[] y = new float[2 * n];
              return () -> VectorPooling.maxOfFour(n, 1, n, x, 0, 0, y, 0, y, n);
            });
    unpooling =
        policy.of(
            "gradientOfFour",
            () -> {
              float[] x = new float[n];
              float[] dx = new float[3 * n];
              return () -> VectorPooling.gradientOfFour(n, 1, n, x, 0, x, 0, x, 0, 0, dx, 0, 0);
            });
    rectifying =
        policy.of(
            "relu",
            () -> {
              float[] x = new float[n];
              return () -> {
                VectorRows.rectify(x, 0, x, 0, n);
                rectified(x, 0, x, 0, x, 0, n);
              };
            });
    normalising =
        policy.of(
            "normalise",
            () -> {
              byte[] x = new byte[n];
              float[] y = new float[n];
              PixelScale exact = new PixelScale(1, 0, 1);
              PixelScale inexact = new PixelScale(1, 0, Float.MIN_VALUE);
              return () -> {
                VectorPixels.normalise(x, 0, exact, y, 0, n);
                VectorPixels.normalise(x, 0, inexact, y, 0, n);
              };
            });
    cells = new VectorCells(policy);
    attention = new VectorAttention(policy, gemm);
    norm = new VectorNorm(policy);
    exponential = new VectorMap("exp", policy, VectorKernels::exponentials, super::exp);
    logarithm = new VectorMap("log", policy, VectorFunctions::log, super::log);
    hyperbolic = new VectorMap("tanh", policy, VectorFunctions::tanh, super::tanh);
    logistic = new VectorMap("sigmoid", policy, VectorFunctions::sigmoid, super::sigmoid);
    gelu = new VectorMap("gelu", policy, VectorFunctions::gelu, super::gelu);
    adding = policy.of("add", () -> addingSample(n));
    checking = policy.of("isFinite", () -> checkingSample(n));
    rounding = policy.of("bfloat16", () -> roundingSample(n));
    summing = policy.of("columnSums", () -> summingSample(n));
    softmax = policy.of("softmax", () -> softmaxSample(n));
    geluSlopes = policy.of("geluGradient", () -> geluSample(n));
  }

  private static void exponentials(float[] x, int xAt, float[] y, int yAt, int n) {
    VectorFunctions.exp(x, xAt, 1, 0, y, yAt, n);
  }

  private static Runnable addingSample(int n) {
    float[] x = new float[n];
    return () -> VectorRows.add(x, 0, x, 0, x, 0, n);
  }

  private static Runnable checkingSample(int n) {
    float[] x = new float[n];
    return () -> VectorBits.isFinite(x, 0, n);
  }

  private static Runnable roundingSample(int n) {
    float[] x = new float[n];
    return () -> VectorBits.roundToBFloat16(x, 0, n);
  }

  private static Runnable summingSample(int n) {
    float[] x = new float[n];
    int rows = n / VectorRows.BLOCK;
    return () -> {
      VectorRows.columnSums(x, 0, rows, VectorRows.BLOCK, x, 0);
      VectorRows.columnSumsOfTwo(x, 0, rows, VectorRows.BLOCK, x, 0);
    };
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
  public boolean isFinite(float[] x, int at, int n) {
    int whole = checking.isOver(n) ? n - n % VectorBits.STRIDE : 0;
    return VectorBits.isFinite(x, at, whole) && super.isFinite(x, at + whole, n - whole);
  }

  @Override
  void roundToBFloat16(float[] x, int at, int n) {
    int whole = rounding.isOver(n) ? n - n % VectorTiles.LANES : 0;
    VectorBits.roundToBFloat16(x, at, whole);
    super.roundToBFloat16(x, at + whole, n - whole);
  }

  @Override
  public void columnSums(
      float[] x, int xAt, int rows, int columns, int stride, float[] y, int yAt) {
    int whole = summing.isOver(rows * columns) ? columns - columns % VectorTiles.WIDTH : 0;
    int j = 0;
    for (; j + VectorRows.BLOCK <= whole; j += VectorRows.BLOCK) {
      VectorRows.columnSums(x, xAt + j, rows, stride, y, yAt + j);
    }
    if (j < whole) {
      VectorRows.columnSumsOfTwo(x, xAt + j, rows, stride, y, yAt + j);
    }
    super.columnSums(x, xAt + whole, rows, columns - whole, stride, y, yAt + whole);
  }

  @Override
  float largest(float[] x, int at, int n) {
    if (n < VectorTiles.LANES || !softmax.isOver(n)) {
      return super.largest(x, at, n);
    }
    int whole = n - n % VectorTiles.LANES;
    return Math.max(VectorRows.max(x, at, whole), super.largest(x, at + whole, n - whole));
  }

  @Override
  void exponentials(float[] x, int xAt, int n, float[] y, int yAt) {
    if (n < VectorTiles.LANES || !softmax.isOver(CHOICE * n)) {
      super.exponentials(x, xAt, n, y, yAt);
      return;
    }
    int whole = n - n % VectorTiles.LANES;
    float largest = largest(x, xAt, n);
    VectorFunctions.exp(x, xAt, 1, largest, y, yAt, whole);
    for (int j = whole; j < n; j++) {
      y[yAt + j] = Functions.exp(x[xAt + j] - largest);
    }
  }

  @Override
  public List<String> compile(Duration patience) {
    return warmUps.stream()
        .filter(loop -> !loop.finish(patience.toNanos()))
        .map(WarmUp::name)
        .toList();
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
      int windows,
      int n,
      float[] x,
      int top,
      int below,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt) {
    int whole = pooling.isOver(CHOICE * windows * n) ? n - n % VectorTiles.LANES : 0;
    VectorPooling.maxOfFour(whole, windows, n, x, top, below, y, yAt, chosen, chosenAt);
    PoolLoops.maxOfFour(whole, windows, n, x, top, below, y, yAt, chosen, chosenAt);
  }

  @Override
  public void gradientOfFour(
      int windows,
      int n,
      float[] g,
      int gAt,
      float[] chosen,
      int chosenAt,
      float[] y,
      int yAt,
      float above,
      float[] dx,
      int top,
      int below) {
    int whole = unpooling.isOver(CHOICE * windows * n) ? n - n % VectorTiles.LANES : 0;
    VectorPooling.gradientOfFour(
        whole, windows, n, g, gAt, chosen, chosenAt, y, yAt, above, dx, top, below);
    PoolLoops.gradientOfFour(
        whole, windows, n, g, gAt, chosen, chosenAt, y, yAt, above, dx, top, below);
  }

  @Override
  public void relu(float[] x, int xAt, float[] y, int yAt, int n) {
    int whole = rectifying.isOver(n) ? n - n % VectorTiles.LANES : 0;
    VectorRows.rectify(x, xAt, y, yAt, whole);
    super.relu(x, xAt + whole, y, yAt + whole, n - whole);
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
  public void normalise(byte[] x, int xAt, PixelScale by, float[] y, int yAt, int n) {
    boolean wide = VectorTiles.LANES >= VectorPixels.FEWEST_LANES && normalising.isOver(n);
    int whole = wide ? n - n % VectorTiles.LANES : 0;
    if (wide) {
      VectorPixels.normalise(x, xAt, by, y, yAt, whole);
    }
    super.normalise(x, xAt + whole, by, y, yAt + whole, n - whole);
  }
}
