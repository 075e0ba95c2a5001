package dev.kindling.kernel;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loops over {@code float[]}: what every operation comes down to. The vectors of {@code
 * jdk.incubator.vector} where this JVM has them, plain loops where not, with the same bits: a
 * matrix product's element is one chain of fused multiply-adds over ascending k, a sum of side by
 * side elements uses 16 lanes that are added in a fixed order.
 *
 * <p>Arrays are contiguous ranges given as (array, offset). Thread-safe: no state.
 */
public abstract class Kernels {
  /** Lanes of every sum, whatever the hardware. */
  static final int SUM_LANES = 16;

  /** Elements that stay in the nearest cache from loop to loop. */
  static final int PIECE = 1024;

  /** Rows from here on have a loop over vectors of their own. */
  private static final int LONG = 256;

  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
  private static final CellKernels CELLS = new CellKernels();
  private static final AttentionKernels ATTENTION = new AttentionKernels();
  private static final NormKernels NORM = new NormKernels();
  private static final Kernels SCALAR = new ScalarKernels();
  private static final Kernels BEST = choose();

  Kernels() {}

  /** The fastest kernels of this JVM, chosen once. */
  public static Kernels best() {
    return BEST;
  }

  /** The plain loops. */
  public static Kernels scalar() {
    return SCALAR;
  }

  private static Kernels choose() {
    if ("scalar".equals(System.getProperty("kindling.kernels"))) {
      LOG.info("Kernels: plain loops, because kindling.kernels=scalar");
      return SCALAR;
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      LOG.warn(
          "Kernels: plain loops, because this JVM was started without the Vector API; add"
              + " --add-modules=jdk.incubator.vector for several times the speed");
      return SCALAR;
    }
    Kernels vector = new VectorKernels();
    LOG.info("Kernels: {}", vector.name());
    return vector;
  }

  /**
   * Has all vector loops compiled now rather than each when there was work enough for it. Plain
   * loops need nothing of the kind.
   *
   * @param patience for each loop
   * @return the names of those whose code still makes objects of its vectors; plain loops do their
   *     work
   */
  public List<String> compile(Duration patience) {
    return List.of();
  }

  /** What these kernels use, for messages. */
  public abstract String name();

  /**
   * Matrix product {@code C[m, n] = (accumulate ? C : 0) + op(A)[m, k] op(B)[k, n]}, row-major with
   * leading dimensions; op transposes where asked.
   */
  public abstract void gemm(
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
      GemmWorkspace workspace);

  /** {@code Y[m, n] = X[m, k] W[n, k]^T + bias[n]}, then {@code max(Y, 0)} where asked. */
  public final void linear(
      int m,
      int n,
      int k,
      float[] x,
      int xOffset,
      float[] weight,
      int weightOffset,
      float[] bias,
      int biasOffset,
      boolean rectify,
      float[] y,
      int yOffset,
      GemmWorkspace workspace) {
    workspace.startEnding(bias, biasOffset, rectify);
    gemm(
        false,
        true,
        m,
        n,
        k,
        x,
        xOffset,
        k,
        weight,
        weightOffset,
        k,
        y,
        yOffset,
        n,
        false,
        workspace);
    workspace.stopEnding();
  }

  /**
   * {@code to[c, r] = from[r, c]}.
   *
   * @param ld elements from one row of {@code from} to the next
   * @param ldTo elements from one row of {@code to} to the next
   */
  public final void transpose(
      int rows, int columns, float[] from, int at, int ld, float[] to, int toAt, int ldTo) {
    Transposition.run(rows, columns, from, at, ld, to, toAt, ldTo);
  }

  /** Channels of the output that {@link ConvolutionWorkspace} packs side by side. */
  abstract int panelWidth();

  /**
   * Convolution of the image and the weights in the workspace: {@code y[q, o] = bias[o] + sum over
   * (c, i, j) of x[c, (i, j) of the window at q] * w[o, c, i, j]}, one chain of fused multiply-adds
   * an element in this order.
   *
   * @param apart elements from one place q of y to the next
   */
  public abstract void convolve(ConvolutionWorkspace workspace, float[] y, int yAt, int apart);

  /**
   * Adds to the workspace's gradients what the image in it gives: {@code dw[o, c, i, j] += sum over
   * places q of x[c, (i, j) of the window at q] * dy[q, o]}, one chain of fused multiply-adds an
   * element over ascending q.
   *
   * @param apart elements from one place q of dy to the next
   */
  public abstract void convolutionWeights(
      ConvolutionWorkspace workspace, float[] dy, int dyAt, int apart);

  /**
   * Pooling of two by two along a row: for each window w and channel c of n, {@code y[w, c] =
   * max(x[top + c], x[top + n + c], x[below + c], x[below + n + c])}, where top and below move on
   * by 2 n from window to window; {@code chosen} is which of the four, the first of equals.
   */
  public abstract void maxOfFour(
      int windows,
      int n,
      float[] x,
      int top,
      int below,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt);

  /**
   * The gradient of {@link #maxOfFour}: g for the chosen of the four where {@code y > above}, else
   * 0.
   */
  public abstract void gradientOfFour(
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
      int below);

  /** What recurrent cells compute. */
  public CellKernels cells() {
    return CELLS;
  }

  /** What attention computes. */
  public AttentionKernels attention() {
    return ATTENTION;
  }

  /** What layer normalisation computes. */
  public NormKernels norm() {
    return NORM;
  }

  /** c = a + b. */
  public void add(float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int n) {
    for (int i = 0; i < n; i++) {
      c[cAt + i] = a[aAt + i] + b[bAt + i];
    }
  }

  /** Whether none of n elements is NaN or infinite. */
  public boolean isFinite(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      if (!Float.isFinite(x[i])) {
        return false;
      }
    }
    return true;
  }

  /** Rounds n elements to the nearest {@link BFloat16}, in place. */
  void roundToBFloat16(float[] x, int at, int n) {
    BFloat16.round(x, at, n);
  }

  /** y = max(x, 0). */
  public void relu(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Math.max(x[xAt + i], 0);
    }
  }

  /** dx = y > 0 ? dy : 0. */
  public abstract void reluBackward(
      float[] dy, int dyAt, float[] y, int yAt, float[] dx, int dxAt, int n);

  /** y of n unsigned bytes x: plain loops look it up, vectors compute it. */
  public void normalise(byte[] x, int xAt, PixelScale by, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = by.table[x[xAt + i] & 0xff];
    }
  }

  /** y = e^x. */
  public void exp(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.exp(x[xAt + i]);
    }
  }

  /** y = natural logarithm of x. */
  public void log(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.log(x[xAt + i]);
    }
  }

  /** y = sine of x. */
  public final void sin(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Trigonometry.sin(x[xAt + i]);
    }
  }

  /** y = cosine of x. */
  public final void cos(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Trigonometry.cos(x[xAt + i]);
    }
  }

  /** y = square root of x. */
  public final void sqrt(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = (float) Math.sqrt(x[xAt + i]);
    }
  }

  /** y = hyperbolic tangent of x. */
  public void tanh(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.tanh(x[xAt + i]);
    }
  }

  /** y = 1 / (1 + e^-x). */
  public void sigmoid(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.sigmoid(x[xAt + i]);
    }
  }

  /** y = x / 2 (1 + erf(x / sqrt 2)). */
  public void gelu(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.gelu(x[xAt + i]);
    }
  }

  /** dx = g times the slope of {@link #gelu} at x; dx is neither g nor x. */
  public void geluGradient(float[] x, int xAt, float[] g, int gAt, float[] dx, int dxAt, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxAt + i] = g[gAt + i] * Functions.geluSlope(x[xAt + i]);
    }
  }

  /** y = error function of x. */
  public final void erf(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Functions.erf(x[xAt + i]);
    }
  }

  /** Sum of n elements: lane i takes elements i, i + 16, ...; lanes are added pair by pair. */
  public final float sum(float[] x, int at, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    float s8 = 0;
    float s9 = 0;
    float s10 = 0;
    float s11 = 0;
    float s12 = 0;
    float s13 = 0;
    float s14 = 0;
    float s15 = 0;
    int i = at;
    int whole = at + n - n % SUM_LANES;
    for (; i < whole; i += SUM_LANES) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
      s8 += x[i + 8];
      s9 += x[i + 9];
      s10 += x[i + 10];
      s11 += x[i + 11];
      s12 += x[i + 12];
      s13 += x[i + 13];
      s14 += x[i + 14];
      s15 += x[i + 15];
    }
    int rest = at + n - i;
    s0 += rest > 0 ? x[i] : 0;
    s1 += rest > 1 ? x[i + 1] : 0;
    s2 += rest > 2 ? x[i + 2] : 0;
    s3 += rest > 3 ? x[i + 3] : 0;
    s4 += rest > 4 ? x[i + 4] : 0;
    s5 += rest > 5 ? x[i + 5] : 0;
    s6 += rest > 6 ? x[i + 6] : 0;
    s7 += rest > 7 ? x[i + 7] : 0;
    s8 += rest > 8 ? x[i + 8] : 0;
    s9 += rest > 9 ? x[i + 9] : 0;
    s10 += rest > 10 ? x[i + 10] : 0;
    s11 += rest > 11 ? x[i + 11] : 0;
    s12 += rest > 12 ? x[i + 12] : 0;
    s13 += rest > 13 ? x[i + 13] : 0;
    s14 += rest > 14 ? x[i + 14] : 0;
    return (((s0 + s8) + (s4 + s12)) + ((s2 + s10) + (s6 + s14)))
        + (((s1 + s9) + (s5 + s13)) + ((s3 + s11) + (s7 + s15)));
  }

  /** y[r] = sum of row r. */
  public final void rowSums(float[] x, int xAt, int rows, int length, float[] y, int yAt) {
    for (int r = 0; r < rows; r++) {
      y[yAt + r] = sum(x, xAt + r * length, length);
    }
  }

  /** y[j] = sum over the rows i of x[i, j], in ascending order. */
  public void columnSums(
      float[] x, int xAt, int rows, int columns, int stride, float[] y, int yAt) {
    java.util.Arrays.fill(y, yAt, yAt + columns, 0);
    for (int i = 0; i < rows; i++) {
      add(y, yAt, x, xAt + i * stride, y, yAt, columns);
    }
  }

  /** The place of the largest element, the first of equals. */
  public final int argmax(float[] x, int at, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
      if (x[at + i] > x[at + best]) {
        best = i;
      }
    }
    return best;
  }

  /** y[r, c] = e^x[r, c] / sum over j of e^x[r, j], the row's maximum taken out first. */
  public final void softmaxRows(float[] x, int xAt, int rows, int columns, float[] y, int yAt) {
    int together = together(columns);
    for (int r = 0; r < rows; r += together) {
      int count = Math.min(together, rows - r);
      int to = yAt + r * columns;
      exponentials(x, xAt + r * columns, count, columns, y, to);
      for (int i = 0; i < count; i++) {
        divideBySum(y, to + i * columns, columns);
      }
    }
  }

  /** So many rows stay in the nearest cache from loop to loop. */
  private static int together(int columns) {
    return Math.max(1, PIECE / Math.max(1, columns));
  }

  /** Returns the sum. */
  private float divideBySum(float[] y, int at, int n) {
    float total = sum(y, at, n);
    scale(y, at, 1 / total, n);
    return total;
  }

  /** {@code y = e^(x - largest of its row)}; short rows share the loop over the exponentials. */
  private void exponentials(float[] x, int xAt, int rows, int columns, float[] y, int yAt) {
    if (columns >= LONG) {
      for (int r = 0; r < rows; r++) {
        exponentials(x, xAt + r * columns, columns, y, yAt + r * columns);
      }
      return;
    }
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      subtract(x, from, largest(x, from, columns), y, yAt + r * columns, columns);
    }
    exp(y, yAt, y, yAt, rows * columns);
  }

  private static void subtract(float[] x, int xAt, float less, float[] y, int yAt, int n) {
    for (int j = 0; j < n; j++) {
      y[yAt + j] = x[xAt + j] - less;
    }
  }

  /** The largest of n elements. */
  float largest(float[] x, int at, int n) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int j = at; j < at + n; j++) {
      largest = Math.max(largest, x[j]);
    }
    return largest;
  }

  /** y = e^(x - largest x). */
  void exponentials(float[] x, int xAt, int n, float[] y, int yAt) {
    float largest = largest(x, xAt, n);
    for (int j = 0; j < n; j++) {
      y[yAt + j] = Functions.exp(x[xAt + j] - largest);
    }
  }

  /** x = x * factor. */
  final void scale(float[] x, int at, float factor, int n) {
    for (int j = at; j < at + n; j++) {
      x[j] *= factor;
    }
  }

  /** loss[r] = log(sum over c of e^x[r, c]) - x[r, label[r]]; p = softmax of the rows. */
  public final void softmaxCrossEntropy(
      float[] x,
      int xAt,
      int rows,
      int classes,
      int[] labels,
      int labelsAt,
      float[] losses,
      int lossesAt,
      float[] p,
      int pAt) {
    int together = together(classes);
    for (int r = 0; r < rows; r += together) {
      int count = Math.min(together, rows - r);
      exponentials(x, xAt + r * classes, count, classes, p, pAt + r * classes);
    }
    for (int r = 0; r < rows; r++) {
      losses[lossesAt + r] = divideBySum(p, pAt + r * classes, classes);
    }
    log(losses, lossesAt, losses, lossesAt, rows);
    for (int r = 0; r < rows; r++) {
      int row = xAt + r * classes;
      float logSum = largest(x, row, classes) + losses[lossesAt + r];
      losses[lossesAt + r] = logSum - x[row + labels[labelsAt + r]];
    }
  }
}
