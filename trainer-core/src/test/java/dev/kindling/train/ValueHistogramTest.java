package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueHistogramTest {
  @Test
  void everyValueIsInTheBinWhoseLimitsHoldIt() {
    double[] limits = ValueHistogram.limits();
    assertThat(limits).isSorted();
    float[] values = {0, 1e-9f, -1e-9f, 0.01f, -0.01f, 0.7f, -0.7f, 1, -1, 1.5f, 3, -200, 255};
    for (float value : values) {
      ValueHistogram one = new ValueHistogram();
      one.add(new float[] {value}, 0, 1, 1);
      double[] counts = one.counts();
      int bin = 0;
      while (counts[bin] == 0) {
        bin++;
      }
      assertThat((double) value).isLessThanOrEqualTo(limits[bin]);
      if (bin > 0) {
        assertThat((double) value).isGreaterThanOrEqualTo(limits[bin - 1]);
      }
    }
  }

  @Test
  void countsAndSumsOfPartsAddUp() {
    Random random = new Random(11);
    float[] values = new float[1000];
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
      sum += values[i];
      squares += (double) values[i] * values[i];
    }
    ValueHistogram first = new ValueHistogram();
    ValueHistogram second = new ValueHistogram();
    first.add(values, 0, 300, 1);
    second.add(values, 300, 700, 1);
    double[] both = first.numbers();
    double[] more = second.numbers();
    Arrays.setAll(both, i -> both[i] + more[i]);
    ValueHistogram whole = new ValueHistogram(both);
    assertThat(whole.count()).isEqualTo(1000);
    assertThat(whole.sum()).isCloseTo(sum, within(1e-9));
    assertThat(whole.sumOfSquares()).isCloseTo(squares, within(1e-9));
  }

  @Test
  void whatIsNoNumberCountsNowhereAndInfinityLast() {
    ValueHistogram histogram = new ValueHistogram();
    histogram.add(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 0, 2, 1);
    assertThat(histogram.count()).isEqualTo(1);
    assertThat(histogram.counts()[histogram.counts().length - 1]).isEqualTo(1);
  }
}
