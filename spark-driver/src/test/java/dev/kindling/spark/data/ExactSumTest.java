package dev.kindling.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {
  private static final long SEED = 11;

  private static List<Double> numbers() {
    Random random = new Random(SEED);
    List<Double> numbers =
        new ArrayList<>(List.of(1e308, -1e308, 0.0, -0.0, 1.0, 1e-300, 4.9e-324));
    for (int i = 0; i < 5000; i++) {
      numbers.add(random.nextGaussian() * Math.pow(2, random.nextInt(600) - 300));
    }
    return numbers;
  }

  @Test
  void theMeanIsThatOfExactArithmetic() {
    ExactSum sum = new ExactSum();
    BigDecimal expected = BigDecimal.ZERO;
    for (double x : numbers()) {
      sum.add(x);
      expected = expected.add(new BigDecimal(x));
    }
    assertThat(sum.mean())
        .isEqualTo(
            expected
                .divide(BigDecimal.valueOf(numbers().size()), MathContext.DECIMAL128)
                .doubleValue());
  }

  @Test
  void orderAndPartsDoNotMatter() {
    ExactSum whole = new ExactSum();
    numbers().forEach(whole::add);
    List<Double> shuffled = new ArrayList<>(numbers());
    Collections.shuffle(shuffled, new Random(SEED + 1));
    ExactSum parts = new ExactSum();
    for (int from = 0; from < shuffled.size(); from += 700) {
      ExactSum part = new ExactSum();
      shuffled.subList(from, Math.min(shuffled.size(), from + 700)).forEach(part::add);
      parts.add(part);
    }
    assertThat(parts.mean()).isEqualTo(whole.mean());
    assertThat(parts.count()).isEqualTo(whole.count());
  }
}
