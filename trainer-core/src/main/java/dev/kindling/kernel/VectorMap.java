package dev.kindling.kernel;

/**
 * {@code y[i] = f(x[i])} in two versions with the same bits: whole vectors once they are compiled,
 * plain loops until then and for the elements that fill no vector. Thread-safe.
 */
final class VectorMap {
  /** What an element costs a plain loop, in multiply-adds. */
  private static final int WORK = 32;

  private static final int SAMPLE = 24 * VectorTiles.LANES;

  /** One of the two versions. */
  interface Code {
    void run(float[] x, int xAt, float[] y, int yAt, int n);
  }

  private final Code vectors;
  private final Code plain;
  private final WarmUp warmUp;

  VectorMap(String name, WarmUp.Policy policy, Code vectors, Code plain) {
    this.vectors = vectors;
    this.plain = plain;
    this.warmUp = policy.of(name, () -> sample(vectors));
  }

  private static Runnable sample(Code vectors) {
    float[] x = new float[SAMPLE];
    float[] y = new float[SAMPLE];
    return () -> vectors.run(x, 0, y, 0, SAMPLE);
  }

  void run(float[] x, int xAt, float[] y, int yAt, int n) {
    int whole = warmUp.isOver(WORK * n) ? n - n % VectorTiles.LANES : 0;
    if (whole > 0) {
      vectors.run(x, xAt, y, yAt, whole);
    }
    if (whole < n) {
      plain.run(x, xAt + whole, y, yAt + whole, n - whole);
    }
  }
}
