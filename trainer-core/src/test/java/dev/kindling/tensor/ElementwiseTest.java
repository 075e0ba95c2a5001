package dev.kindling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Elementwise operations against plain loops in double, for tensors that stand in many ways. */
class ElementwiseTest {
  private static final long SEED = 77;

  private record Binary(BinaryOperator<Tensor> op, DoubleBinaryOperator oracle) {}

  private record Unary(UnaryOperator<Tensor> op, DoubleUnaryOperator oracle) {}

  private static final Map<String, Binary> BINARY =
      Map.ofEntries(
          Map.entry("add", new Binary(Tensor::add, (a, b) -> a + b)),
          Map.entry("sub", new Binary(Tensor::sub, (a, b) -> a - b)),
          Map.entry("mul", new Binary(Tensor::mul, (a, b) -> a * b)),
          Map.entry("div", new Binary(Tensor::div, (a, b) -> a / b)),
          Map.entry(
              "pow", new Binary((a, b) -> a.abs().pow(b), (a, b) -> Math.pow(Math.abs(a), b))),
          Map.entry("maximum", new Binary(Tensor::maximum, Math::max)),
          Map.entry("minimum", new Binary(Tensor::minimum, Math::min)),
          Map.entry("eq", new Binary(Tensor::eq, (a, b) -> a == b ? 1 : 0)),
          Map.entry("ne", new Binary(Tensor::ne, (a, b) -> a != b ? 1 : 0)),
          Map.entry("gt", new Binary(Tensor::gt, (a, b) -> a > b ? 1 : 0)),
          Map.entry("ge", new Binary(Tensor::ge, (a, b) -> a >= b ? 1 : 0)),
          Map.entry("lt", new Binary(Tensor::lt, (a, b) -> a < b ? 1 : 0)),
          Map.entry("le", new Binary(Tensor::le, (a, b) -> a <= b ? 1 : 0)));

  private static final Map<String, Unary> UNARY =
      Map.ofEntries(
          Map.entry("neg", new Unary(Tensor::neg, x -> -x)),
          Map.entry("abs", new Unary(Tensor::abs, Math::abs)),
          Map.entry("sign", new Unary(Tensor::sign, Math::signum)),
          Map.entry("square", new Unary(Tensor::square, x -> x * x)),
          Map.entry("pow 2", new Unary(x -> x.pow(2), x -> x * x)),
          Map.entry("pow 3", new Unary(x -> x.pow(3), x -> x * x * x)),
          Map.entry("pow -1", new Unary(x -> x.pow(-1), x -> 1 / x)),
          Map.entry("pow 4", new Unary(x -> x.pow(4), x -> x * x * x * x)),
          Map.entry("clamp", new Unary(x -> x.clamp(-1, 0.5), x -> Math.min(Math.max(x, -1), 0.5))),
          Map.entry("relu", new Unary(Tensor::relu, x -> Math.max(x, 0))),
          Map.entry("exp", new Unary(Tensor::exp, Math::exp)),
          Map.entry("log of |x|", new Unary(x -> x.abs().log(), x -> Math.log(Math.abs(x)))),
          Map.entry("sqrt of |x|", new Unary(x -> x.abs().sqrt(), x -> Math.sqrt(Math.abs(x)))),
          Map.entry("sin", new Unary(Tensor::sin, Math::sin)),
          Map.entry("cos", new Unary(Tensor::cos, Math::cos)),
          Map.entry("tanh", new Unary(Tensor::tanh, Math::tanh)),
          Map.entry("sigmoid", new Unary(Tensor::sigmoid, x -> 1 / (1 + Math.exp(-x)))));

  private static Tensor random(long seed, int... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor x = Tensor.zeros(sizes);
    for (int i = 0; i < x.array().length; i++) { // quarters: some elements are equal
      x.array()[i] = random.nextInt(-12, 13) / 4f + 0.0625f;
    }
    return x;
  }

  /** Pairs that broadcast: side by side, shifted, transposed, flipped, stretched, long, empty. */
  private static List<Tensor[]> pairs() {
    List<Tensor[]> pairs = new ArrayList<>();
    pairs.add(new Tensor[] {random(1, 7), random(2, 7)});
    pairs.add(new Tensor[] {random(1, 3, 5), random(2, 3, 5)});
    pairs.add(new Tensor[] {random(1, 9).slice(0, 2, 9), random(2, 7)});
    pairs.add(new Tensor[] {random(1, 5, 3).t(), random(2, 3, 5)});
    pairs.add(new Tensor[] {random(1, 3, 5).flip(0, 1), random(2, 5)});
    pairs.add(new Tensor[] {random(1, 3, 1, 2), random(2, 4, 1)});
    pairs.add(new Tensor[] {random(1), random(2, 2, 3)});
    pairs.add(new Tensor[] {random(1, 1301), random(2)});
    pairs.add(new Tensor[] {random(1, 2, 1301).slice(1, 1, 1300), random(2, 1299)});
    pairs.add(new Tensor[] {random(1, 2, 3, 4, 5).permute(2, 0, 3, 1), random(2, 5, 1)});
    pairs.add(new Tensor[] {random(1, 0, 3), random(2, 3)});
    return pairs;
  }

  @TestFactory
  Stream<DynamicTest> twoInputsAsInDouble() {
    System.out.println("seed " + SEED);
    return BINARY.entrySet().stream()
        .map(e -> dynamicTest(e.getKey(), () -> pairs().forEach(p -> check(e.getValue(), p))));
  }

  private static void check(Binary binary, Tensor[] pair) {
    Tensor y = binary.op.apply(pair[0], pair[1]);
    Shape shape = Shape.broadcast("test", pair[0].shape(), pair[1].shape());
    assertThat(y.shape()).isEqualTo(shape);
    float[] a = pair[0].expand(shape).toArray();
    float[] b = pair[1].expand(shape).toArray();
    float[] actual = y.toArray();
    for (int i = 0; i < actual.length; i++) {
      double expected = binary.oracle.applyAsDouble(a[i], b[i]);
      assertThat((double) actual[i]).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
    }
  }

  @TestFactory
  Stream<DynamicTest> oneInputAsInDouble() {
    return UNARY.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(), () -> pairs().forEach(pair -> check(e.getValue(), pair[0]))));
  }

  private static void check(Unary unary, Tensor x) {
    float[] actual = unary.op.apply(x).toArray();
    float[] from = x.toArray();
    for (int i = 0; i < actual.length; i++) {
      double expected = unary.oracle.applyAsDouble(from[i]);
      assertThat((double) actual[i]).isCloseTo(expected, within(2e-6 * (1 + Math.abs(expected))));
    }
  }

  @Test
  void whereTakesOneOrTheOther() {
    Tensor condition = Tensor.of(new float[] {1, 0, -2, 0}, 2, 2);
    assertThat(Tensor.where(condition, Tensor.of(1, 2), Tensor.scalar(9)).toArray())
        .containsExactly(1, 9, 1, 9);
  }

  @Test
  void nanIsNeitherLargerNorEqualAndWinsMaximum() {
    Tensor nan = Tensor.of(Float.NaN);
    assertThat(nan.eq(nan).item()).isZero();
    assertThat(nan.ne(nan).item()).isOne();
    assertThat(nan.le(1).item()).isZero();
    assertThat(nan.maximum(Tensor.scalar(1)).item()).isNaN();
    assertThat(nan.clamp(0, 1).item()).isNaN();
  }

  @Test
  void powersOfEverySign() {
    float[] bases = {-2, -0.5f, 0, 0.5f, 1, 3, Float.POSITIVE_INFINITY, Float.NaN};
    for (float exponent : new float[] {-3, -2, -0.5f, 0, 0.5f, 1, 2, 3, 10}) {
      float[] powers = Tensor.of(bases).pow(Tensor.scalar(exponent)).toArray();
      for (int i = 0; i < bases.length; i++) {
        assertThat(powers[i])
            .as("%s^%s", bases[i], exponent)
            .isEqualTo(Float.valueOf((float) Math.pow(bases[i], exponent)));
        assertThat(Tensor.of(bases[i]).pow(exponent).toArray()).containsExactly(powers[i]);
      }
    }
  }

  @Test
  void equalElementsShareTheGradientOfMaximum() {
    Tensor a = Tensor.of(1f, 2f, 3f).requiresGrad();
    Tensor b = Tensor.of(3f, 2f, 1f).requiresGrad();
    a.maximum(b).sum().backward();
    assertThat(a.grad().toArray()).containsExactly(0, 0.5f, 1);
    assertThat(b.grad().toArray()).containsExactly(1, 0.5f, 0);
  }

  @Test
  void gradientsOfPowersAndNormsAtZeroAreFinite() {
    Tensor x = Tensor.zeros(3).requiresGrad();
    x.norm().backward();
    assertThat(x.grad().toArray()).containsOnly(0);
    x.zeroGrad();
    x.pow(Tensor.of(0f, 1f, 2f)).sum().backward();
    assertThat(x.grad().toArray()).containsExactly(0, 1, 0);
  }

  /** {@code d/dp of p x^(p-1)} is {@code 1/x} at p = 0. */
  @Test
  void theSlopeOfAPowerGrowsWithItsExponentFromZero() {
    Tensor x = Tensor.of(2f, 4f).requiresGrad();
    Tensor p = Tensor.zeros(2).requiresGrad();
    Gradients.of(x.pow(p).sum(), List.of(x)).get(0).sum().backward();
    assertThat(p.grad().toArray()).containsExactly(0.5f, 0.25f);
  }
}
