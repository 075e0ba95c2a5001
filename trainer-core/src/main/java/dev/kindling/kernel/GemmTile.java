package dev.kindling.kernel;

/** A register tile of the matrix product; plain loops do its work until it is compiled. */
final class GemmTile {
  private static final int WIDTH = VectorTiles.WIDTH;

  /** Length of the sample's loops: enough to tell a loop, too short to be compiled from within. */
  private static final int DEPTH = 24;

  /** One of {@link VectorTiles}. */
  interface Code {
    void run(
        int k,
        float[] a,
        int aAt,
        int lda,
        float[] b,
        int bAt,
        int ldb,
        float[] from,
        int fromAt,
        int ldFrom,
        float[] c,
        int cAt,
        int ldc);
  }

  private final int height;
  private final boolean isTransposed;
  private final Code code;
  private final WarmUp warmUp;

  private GemmTile(int height, boolean isTransposed, Code code, WarmUp.Policy policy) {
    this.height = height;
    this.isTransposed = isTransposed;
    this.code = code;
    this.warmUp = policy.of((isTransposed ? "columns" : "rows") + height, this::sample);
  }

  /** The tiles that read A row-major, by height. */
  static GemmTile[] rows(WarmUp.Policy policy) {
    return byHeight(
        false,
        policy,
        VectorTiles::rows1,
        VectorTiles::rows4,
        VectorTiles::rows8,
        VectorTiles::rows12);
  }

  /** The tiles that read the transpose of A. */
  static GemmTile[] columns(WarmUp.Policy policy) {
    return byHeight(
        true,
        policy,
        VectorTiles::columns1,
        VectorTiles::columns4,
        VectorTiles::columns8,
        VectorTiles::columns12);
  }

  private static GemmTile[] byHeight(boolean isTransposed, WarmUp.Policy policy, Code... codes) {
    int[] heights = {1, 4, 8, 12};
    GemmTile[] tiles = new GemmTile[13];
    for (int i = 0; i < heights.length; i++) {
      tiles[heights[i]] = new GemmTile(heights[i], isTransposed, codes[i], policy);
    }
    return tiles;
  }

  private Runnable sample() {
    float[] a = new float[height * DEPTH];
    float[] b = new float[DEPTH * WIDTH];
    float[] zeros = new float[WIDTH];
    float[] c = new float[height * WIDTH];
    int lda = isTransposed ? height : DEPTH;
    return () -> code.run(DEPTH, a, 0, lda, b, 0, WIDTH, zeros, 0, 0, c, 0, WIDTH);
  }

  void run(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] from,
      int fromAt,
      int ldFrom,
      float[] c,
      int cAt,
      int ldc) {
    if (warmUp.isOver(height * k * WIDTH)) {
      code.run(k, a, aAt, lda, b, bAt, ldb, from, fromAt, ldFrom, c, cAt, ldc);
    } else {
      int rowStep = isTransposed ? 1 : lda;
      int depthStep = isTransposed ? lda : 1;
      PlainTiles.product(
          height, rowStep, depthStep, k, a, aAt, b, bAt, ldb, from, fromAt, ldFrom, c, cAt, ldc);
    }
  }
}
