package dev.kindling.kernel;

/** A register tile of the weights' gradient; plain loops do its work until it is compiled. */
final class WeightTile {
  private static final int WIDTH = VectorTiles.WIDTH;
  private static final int GROUPS = 24;

  /** One of {@link WeightTiles}. */
  interface Code {
    void run(
        int[] groups, int[] steps, int k, float[] x, float[] dy, int dyAt, float[] dw, int dwAt);
  }

  private final int elements;
  private final int taps;
  private final int places;
  private final Code code;
  private final WarmUp warmUp;

  WeightTile(int elements, int taps, int places, Code code, WarmUp.Policy policy) {
    this.elements = elements;
    this.taps = taps;
    this.places = places;
    this.code = code;
    this.warmUp = policy.of("weight" + elements + "x" + taps + "x" + places, this::sample);
  }

  private Runnable sample() {
    int[] groups = new int[GROUPS];
    int[] steps = new int[elements];
    float[] x = new float[places + taps];
    float[] dy = new float[GROUPS * places * WIDTH];
    float[] dw = new float[elements * taps * WIDTH];
    return () -> code.run(groups, steps, 0, x, dy, 0, dw, 0);
  }

  /**
   * The gradients of the elements from {@code steps[k]} on.
   *
   * @param to where the panel's gradients start
   */
  void run(ConvolutionWorkspace s, int[] steps, int k, float[] dy, int dyAt, int to) {
    int[] groups = s.layout.groups;
    int at = to + k * taps * WIDTH;
    if (warmUp.isOver(elements * taps * places * groups.length * WIDTH)) {
      code.run(groups, steps, k, s.image, dy, dyAt, s.gradients, at);
    } else {
      PlainTiles.weights(
          elements, taps, places, groups, steps, k, s.image, dy, dyAt, s.gradients, at);
    }
  }
}
