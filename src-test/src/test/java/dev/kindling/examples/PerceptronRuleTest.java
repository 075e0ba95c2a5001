package dev.kindling.examples;

import static dev.kindling.examples.PerceptronRule.AND;
import static dev.kindling.examples.PerceptronRule.CORNERS;
import static dev.kindling.examples.PerceptronRule.XOR;
import static dev.kindling.examples.PerceptronRule.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PerceptronRuleTest {
  private static final long SEED = 4;

  @Test
  void learnsWhatALineSeparates() {
    assertThat(mistakes(CORNERS, AND, 100)).isZero();
    System.out.println("seed " + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    float[][] points = new float[200][];
    float[] classes = new float[points.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = pointAwayFromTheLine(random);
      classes[i] = height(points[i]) > 0 ? 1 : 0;
    }
    assertThat(classes).contains(0, 1);
    assertThat(mistakes(points, classes, 1000)).isZero();
  }

  private static float height(float[] point) {
    return point[0] - 2 * point[1] + 0.3f;
  }

  /** With a margin: the rule's bound on the number of corrections grows with its inverse square. */
  private static float[] pointAwayFromTheLine(SplittableRandom random) {
    float[] point;
    do {
      point = new float[] {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
    } while (Math.abs(height(point)) < 0.2);
    return point;
  }

  @Test
  void neverLearnsXor() {
    assertThat(mistakes(CORNERS, XOR, 1000)).isPositive();
  }
}
