package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import org.junit.jupiter.api.Test;

class BestSoFarTest {
  private final BestSoFar best = new BestSoFar(new EarlyStopping("test_loss", 2, 0, true));

  private void evaluated(long version, double loss, float value) {
    TestSums test =
        new TestSums(new MetricSums(loss, 0, 1), null, null, Estimate.NONE, new double[0]);
    best.evaluated(version, test, () -> new float[] {value});
  }

  /** A server elsewhere may tell of its last evaluations when the workers have ended. */
  @Test
  void whatIsHeardOfUntilTheLastValuesAreHereCounts() {
    evaluated(1, 3, 10);
    float[] result =
        best.result(
            () -> {
              evaluated(2, 2, 20);
              evaluated(3, 4, 30);
              return new float[] {30};
            });
    assertThat(result).containsExactly(20);
  }
}
