package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoiseScaleTest {
  private static final long SEED = 3;
  private static final int LENGTH = 400;
  private static final int METRICS = 3;
  private static final int[] ROWS = {48, 80, 64, 64, 0, 48, 80, 64};

  /** |G|^2 = 4 and a variance of 1 in each of 400 directions: 100 rows, whatever their shares. */
  @Test
  void findsAKnownNoise() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    NoiseScale noise = new NoiseScale(LENGTH);
    for (int step = 0; step < 60; step++) {
      measure(noise, random);
    }
    assertThat(noise.estimate().scale()).isCloseTo(100, within(10.0));
    double average = 1 - StrictMath.pow(0.9, 60);
    assertThat(noise.estimate().trace() / average).isCloseTo(400, within(20.0));
    assertThat(noise.estimate().squared() / average).isCloseTo(4, within(0.4));
  }

  private static void measure(NoiseScale noise, Random random) {
    float[] node = new float[LENGTH + METRICS];
    int total = 0;
    for (int rows : ROWS) {
      float[] leaf = new float[LENGTH + METRICS];
      for (int i = 0; i < LENGTH; i++) {
        leaf[i] = (float) (rows * 0.1 + Math.sqrt(rows) * random.nextGaussian());
        node[i] += leaf[i];
      }
      leaf[LENGTH] = 1e6f; // metrics are no gradient
      noise.addLeaf(leaf, 0, 0, 150);
      noise.addLeaf(leaf, 0, 150, LENGTH + METRICS);
      noise.endLeaf(rows);
      total += rows;
    }
    noise.addNode(node, 0, 0, LENGTH + METRICS);
    noise.endNode(total);
    noise.endStep();
  }

  @Test
  void aTrainerMeasuresItsReplicasAndOneReplicaTellsNothing() {
    LocalTrainer several =
        new LocalTrainer(ToyData.config(40, 8), ToyData.slices(400, 8, SEED), List.of());
    assertThat(several.noiseScale()).isNaN();
    several.step();
    assertThat(several.noiseScale()).isPositive();
    LocalTrainer alone =
        new LocalTrainer(ToyData.config(40, 1), ToyData.slices(400, 1, SEED), List.of());
    alone.epoch();
    assertThat(alone.noiseScale()).isNaN();
  }
}
