package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The project's own functions against StrictMath in double precision. */
class FunctionsTest {
  private interface FloatFunction {
    float of(float x);
  }

  private static double worstUlps(
      FloatFunction f, DoubleUnaryOperator exact, float low, float high) {
    double worst = 0;
    for (int i = 0; i <= 200_000; i++) {
      float x = low + (high - low) * (i / 200_000f);
      double wanted = exact.applyAsDouble(x);
      worst = Math.max(worst, Math.abs(f.of(x) - wanted) / Math.ulp((float) wanted));
    }
    return worst;
  }

  @Test
  void errorsAreAFewUnitsInTheLastPlace() {
    assertThat(worstUlps(Functions::exp, StrictMath::exp, -87, 88)).isLessThan(2);
    assertThat(worstUlps(Functions::log, StrictMath::log, 1e-30f, 3)).isLessThan(2);
    assertThat(worstUlps(Functions::log, StrictMath::log, 3, 1e30f)).isLessThan(2);
    assertThat(worstUlps(Functions::tanh, StrictMath::tanh, -10, 10)).isLessThan(3);
    assertThat(worstUlps(Functions::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -80, 20))
        .isLessThan(4);
  }

  @Test
  void sineAndCosineAreRightToTheLastPlaceButOne() {
    for (float end : new float[] {1, 10, 1000, 1e6f, 1e20f}) {
      assertThat(worstUlps(Trigonometry::sin, StrictMath::sin, -end, end)).isLessThan(0.51);
      assertThat(worstUlps(Trigonometry::cos, StrictMath::cos, -end, end)).isLessThan(0.51);
    }
    assertThat(Trigonometry.sin(0)).isZero();
    assertThat(Trigonometry.cos(Float.NEGATIVE_INFINITY)).isNaN();
    assertThat(Trigonometry.sin(Float.NaN)).isNaN();
  }

  @Test
  void endsOfTheRange() {
    assertThat(Functions.exp(-1000)).isZero();
    assertThat(Functions.exp(1000)).isInfinite();
    assertThat(Functions.exp(Float.NaN)).isNaN();
    assertThat(Functions.exp(0)).isEqualTo(1);
    assertThat(Functions.log(0)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Functions.log(-1)).isNaN();
    assertThat(Functions.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Functions.log(1)).isZero();
    assertThat((double) Functions.log(Float.MIN_VALUE))
        .isCloseTo(StrictMath.log(Float.MIN_VALUE), org.assertj.core.data.Offset.offset(1e-4));
    assertThat(Functions.tanh(100)).isEqualTo(1);
    assertThat(Functions.tanh(-100)).isEqualTo(-1);
    assertThat(Functions.sigmoid(-200)).isZero();
  }
}
