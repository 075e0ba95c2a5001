package dev.kindling.kernel;

/** A register tile of a convolution's output; plain loops do its work until it is compiled. */
final class OutputTile {
  private static final int WIDTH = VectorTiles.WIDTH;
  private static final int DEPTH = 24;

  /** One of {@link OutputTiles}. */
  interface Code {
    void run(int[] steps, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt, int ldy);
  }

  final int places;
  private final int taps;
  private final Code code;
  private final WarmUp warmUp;

  OutputTile(int places, int taps, Code code, WarmUp.Policy policy) {
    this.places = places;
    this.taps = taps;
    this.code = code;
    this.warmUp = policy.of("output" + places + "x" + taps, this::sample);
  }

  private Runnable sample() {
    int[] steps = new int[DEPTH];
    float[] x = new float[places + taps];
    float[] w = new float[(1 + DEPTH * taps) * WIDTH];
    float[] y = new float[places * WIDTH];
    return () -> code.run(steps, x, 0, w, 0, y, 0, WIDTH);
  }

  void run(ConvolutionWorkspace s, int xAt, int wAt, float[] y, int yAt, int ldy) {
    int[] steps = taps == 1 ? s.layout.steps : s.layout.runs;
    if (warmUp.isOver(places * steps.length * taps * WIDTH)) {
      code.run(steps, s.image, xAt, s.weights, wAt, y, yAt, ldy);
    } else {
      PlainTiles.outputs(places, taps, steps, s.image, xAt, s.weights, wAt, y, yAt, ldy);
    }
  }
}
