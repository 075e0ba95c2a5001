package dev.kindling.kernel;

/** Covers a convolution with register tiles. */
final class VectorConvolution {
  private static final int WIDTH = VectorTiles.WIDTH;

  /** Whether the registers hold the accumulators of more than four places. */
  private static final boolean IS_LARGE = VectorTiles.LANES >= 16;

  private final OutputTile places1;
  private final OutputTile places4;
  private final OutputTile places14;

  private final OutputTile places7;

  /** Eight places by taps: 1, 3 or 5. */
  private final OutputTile[] eights = new OutputTile[6];

  private final WeightTile gradientsOfSevens;
  private final WeightTile[] gradientsOfEights = new WeightTile[6];

  private final PanelCopy copy;

  VectorConvolution(WarmUp.Policy policy, PanelCopy copy) {
    this.copy = copy;
    places1 = new OutputTile(1, 1, OutputTiles::places1, policy);
    places4 = new OutputTile(4, 1, OutputTiles::places4, policy);
    places14 = new OutputTile(14, 1, OutputTiles::places14, policy);
    places7 = new OutputTile(7, 3, OutputTiles::places7Taps3, policy);
    eights[1] = new OutputTile(8, 1, OutputTiles::places8, policy);
    eights[3] = new OutputTile(8, 3, OutputTiles::places8Taps3, policy);
    eights[5] = new OutputTile(8, 5, OutputTiles::places8Taps5, policy);
    gradientsOfSevens = new WeightTile(2, 3, 7, WeightTiles::elements2Taps3Places7, policy);
    gradientsOfEights[1] = new WeightTile(4, 1, 8, WeightTiles::elements4Places8, policy);
    gradientsOfEights[3] = new WeightTile(2, 3, 8, WeightTiles::elements2Taps3Places8, policy);
    gradientsOfEights[5] = new WeightTile(1, 5, 8, WeightTiles::elements1Taps5Places8, policy);
  }

  void outputs(ConvolutionWorkspace s, float[] y, int yAt, int apart) {
    ConvolutionLayout layout = s.layout;
    int places = layout.columns.outputs();
    OutputTile tile = tile(layout, places);
    for (int p = 0; p < s.panels(); p++) {
      int n = s.channels(p);
      for (int r = 0; r < layout.rows.outputs(); r++) {
        int to = yAt + r * places * apart + p * WIDTH;
        if (n == WIDTH) {
          row(tile, s, layout.rowAt(r), s.weightsAt(p), y, to, apart);
        } else {
          row(tile, s, layout.rowAt(r), s.weightsAt(p), s.line, 0, WIDTH);
          for (int w = 0; w < places; w++) {
            System.arraycopy(s.line, w * WIDTH, y, to + w * apart, n);
          }
        }
      }
    }
  }

  /**
   * A row of the output. The last tile may begin before the end of the one before: it writes the
   * same bits again.
   */
  private static void row(
      OutputTile tile, ConvolutionWorkspace s, int xAt, int wAt, float[] y, int yAt, int apart) {
    int places = s.layout.columns.outputs();
    for (int q = 0; q < places; q += tile.places) {
      int at = Math.min(q, places - tile.places);
      tile.run(s, xAt + at, wAt, y, yAt + at * apart, apart);
    }
  }

  private OutputTile tile(ConvolutionLayout layout, int places) {
    if (places < 4) {
      return places1;
    }
    if (!IS_LARGE) {
      return places4;
    }
    if (layout.taps != 5 && places % 14 == 0) {
      return places14;
    }
    if (layout.group == 7) {
      return places7;
    }
    return places < 8 ? places4 : eights[layout.taps];
  }

  void weights(ConvolutionWorkspace s, float[] dy, int dyAt, int apart) {
    int[] runs = s.layout.gradientRuns;
    WeightTile tile = s.layout.group == 7 ? gradientsOfSevens : gradientsOfEights[s.layout.taps];
    for (int p = 0; p < s.panels(); p++) {
      float[] panel = s.panel(p, dy, dyAt, apart, copy);
      int at = panel == dy ? dyAt : 0;
      for (int k = 0; k < runs.length; k += s.layout.together()) {
        tile.run(s, runs, k, panel, at, s.gradientsAt(p));
      }
    }
  }
}
