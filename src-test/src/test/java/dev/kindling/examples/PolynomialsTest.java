package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.examples.Polynomials.Fit;
import org.junit.jupiter.api.Test;

class PolynomialsTest {
  private static int nearZero(Fit fit) {
    int count = 0;
    for (float coefficient : fit.coefficients()) {
      count += Math.abs(coefficient) < 0.01 ? 1 : 0;
    }
    return count;
  }

  private static double squares(Fit fit) {
    double sum = 0;
    for (float coefficient : fit.coefficients()) {
      sum += coefficient * coefficient;
    }
    return sum;
  }

  @Test
  void tooStiffMissesBothTooSuppleMissesThePointsBetween() {
    Fit constant = Polynomials.fit(0, 0, 0);
    Fit line = Polynomials.fit(1, 0, 0);
    Fit cubic = Polynomials.fit(3, 0, 0);
    Fit ninth = Polynomials.fit(9, 0, 0);
    assertThat(constant.train()).isGreaterThan(line.train());
    assertThat(line.train()).isGreaterThan(3 * cubic.train());
    assertThat(line.test()).isGreaterThan(2 * cubic.test());
    assertThat(ninth.train()).isLessThan(1e-6);
    assertThat(ninth.test()).isGreaterThan(1.2 * cubic.test());
  }

  @Test
  void penaltiesTameTheSuppleOne() {
    Fit free = Polynomials.fit(9, 0, 0);
    Fit l1 = Polynomials.fit(9, 0.02, 0);
    Fit l2 = Polynomials.fit(9, 0, 0.02);
    assertThat(l1.test()).isLessThan(0.8 * free.test());
    assertThat(l2.test()).isLessThan(0.8 * free.test());
    assertThat(squares(l2)).isLessThan(squares(free));
    assertThat(nearZero(l1)).as("coefficients that L1 puts to nearly 0").isBetween(2, 6);
    assertThat(nearZero(free)).isZero();
  }
}
