package dev.kindling.kernel;

public class Kernels {
  static final Kernels K = new Kernels();

  public static Kernels best() {
    return K;
  }

  interface F {
    float f(float x);
  }

  void map(F f, float[] x, int xa, float[] y, int ya, int n) {
    for (int i = 0; i < n; i++) y[ya + i] = f.f(x[xa + i]);
  }

  public void relu(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> Math.max(v, 0), x, xa, y, ya, n);
  }

  public void exp(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) Math.exp(v), x, xa, y, ya, n);
  }

  public void log(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) Math.log(v), x, xa, y, ya, n);
  }

  public void sin(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) StrictMath.sin(v), x, xa, y, ya, n);
  }

  public void cos(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) StrictMath.cos(v), x, xa, y, ya, n);
  }

  public void sqrt(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) Math.sqrt(v), x, xa, y, ya, n);
  }

  public void tanh(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) Math.tanh(v), x, xa, y, ya, n);
  }

  public void sigmoid(float[] x, int xa, float[] y, int ya, int n) {
    map(v -> (float) (1 / (1 + Math.exp(-v))), x, xa, y, ya, n);
  }

  public void reluBackward(float[] g, int ga, float[] y, int ya, float[] dx, int da, int n) {
    for (int i = 0; i < n; i++) dx[da + i] = y[ya + i] > 0 ? g[ga + i] : 0;
  }

  public void add(float[] a, int aa, float[] b, int ba, float[] c, int ca, int n) {
    for (int i = 0; i < n; i++) c[ca + i] = a[aa + i] + b[ba + i];
  }

  public float sum(float[] a, int at, int n) {
    float s = 0;
    for (int i = 0; i < n; i++) s += a[at + i];
    return s;
  }

  public int argmax(float[] a, int at, int n) {
    int b = 0;
    for (int i = 1; i < n; i++) if (a[at + i] > a[at + b]) b = i;
    return b;
  }

  public void rowSums(float[] x, int xa, int rows, int len, float[] y, int ya) {
    for (int r = 0; r < rows; r++) y[ya + r] = sum(x, xa + r * len, len);
  }

  public void columnSums(float[] x, int xa, int rows, int cols, int ld, float[] y, int ya) {
    for (int j = 0; j < cols; j++) {
      float s = 0;
      for (int i = 0; i < rows; i++) s += x[xa + i * ld + j];
      y[ya + j] = s;
    }
  }

  public void gemm(
      boolean ta,
      boolean tb,
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean acc,
      GemmWorkspace w) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float s = acc ? c[co + i * ldc + j] : 0;
        for (int p = 0; p < k; p++)
          s =
              Math.fma(
                  ta ? a[ao + p * lda + i] : a[ao + i * lda + p],
                  tb ? b[bo + j * ldb + p] : b[bo + p * ldb + j],
                  s);
        c[co + i * ldc + j] = s;
      }
    }
  }

  public void linear(
      int m,
      int n,
      int k,
      float[] x,
      int xo,
      float[] wt,
      int wo,
      float[] b,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      GemmWorkspace w) {
    gemm(false, true, m, n, k, x, xo, k, wt, wo, k, y, yo, n, false, w);
    for (int i = 0; i < m; i++)
      for (int j = 0; j < n; j++) {
        float v = y[yo + i * n + j] + b[bo + j];
        y[yo + i * n + j] = relu ? Math.max(v, 0) : v;
      }
  }

  public void softmaxRows(float[] x, int xo, int rows, int cols, float[] y, int yo) {
    for (int r = 0; r < rows; r++) {
      float m = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < cols; c++) m = Math.max(m, x[xo + r * cols + c]);
      float s = 0;
      for (int c = 0; c < cols; c++) {
        float e = (float) Math.exp(x[xo + r * cols + c] - m);
        y[yo + r * cols + c] = e;
        s += e;
      }
      for (int c = 0; c < cols; c++) y[yo + r * cols + c] /= s;
    }
  }

  public void softmaxCrossEntropy(
      float[] x,
      int xo,
      int rows,
      int cols,
      int[] l,
      int lo,
      float[] loss,
      int losso,
      float[] p,
      int po) {
    softmaxRows(x, xo, rows, cols, p, po);
    for (int r = 0; r < rows; r++) {
      loss[losso + r] = (float) -Math.log(p[po + r * cols + l[lo + r]]);
    }
  }
}
