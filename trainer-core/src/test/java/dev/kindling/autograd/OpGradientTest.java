package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.Linear;
import dev.kindling.autograd.ops.Softmax;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operation's first and second derivative against central differences, in one table. */
class OpGradientTest {
  private static final long SEED = 20260101;

  private record Case(
      String name,
      Function<List<Tensor>, Tensor> function,
      double low,
      double high,
      Shape... shapes) {}

  private static Case of(String name, Function<List<Tensor>, Tensor> f, Shape... shapes) {
    return new Case(name, f, 0.4, 1.4, shapes);
  }

  private static Shape s(int... sizes) {
    return Shape.of(sizes);
  }

  private static Tensor a(List<Tensor> x) {
    return x.get(0);
  }

  private static Tensor b(List<Tensor> x) {
    return x.get(1);
  }

  private static Stream<Case> cases() {
    return Stream.of(
        of("add", x -> a(x).add(b(x)), s(2, 3), s(2, 3)),
        of("add a row", x -> a(x).add(b(x)), s(2, 3), s(3)),
        of("add a column", x -> a(x).add(b(x)), s(2, 3), s(2, 1)),
        of("add a scalar", x -> a(x).add(b(x)), s(2, 3), s()),
        of("add outer", x -> a(x).add(b(x)), s(3, 1), s(1, 4)),
        of("sub", x -> a(x).sub(b(x)), s(2, 3), s(3)),
        of("mul", x -> a(x).mul(b(x)), s(2, 3), s(2, 3)),
        of("mul broadcast", x -> a(x).mul(b(x)), s(2, 1, 3), s(4, 1)),
        of("div", x -> a(x).div(b(x)), s(2, 3), s(2, 3)),
        of("div broadcast", x -> a(x).div(b(x)), s(3), s(2, 3)),
        of("neg", x -> a(x).neg(), s(4)),
        of("square", x -> a(x).square(), s(4)),
        of("relu, positive", x -> a(x).relu(), s(2, 3)),
        new Case("relu, negative", x -> a(x).relu(), -1.4, -0.4, s(2, 3)),
        of("exp", x -> a(x).exp(), s(2, 3)),
        of("log", x -> a(x).log(), s(2, 3)),
        of("sqrt", x -> a(x).sqrt(), s(2, 3)),
        of("tanh", x -> a(x).tanh(), s(2, 3)),
        of("sigmoid", x -> a(x).sigmoid(), s(2, 3)),
        of("sum", x -> a(x).square().sum(), s(2, 3)),
        of("sum rows", x -> a(x).square().sum(1), s(2, 3)),
        of("sum columns", x -> a(x).square().sum(0), s(2, 3)),
        of("sum middle", x -> a(x).square().sum(1), s(2, 3, 4)),
        of("sum two", x -> a(x).square().sum(0, 2), s(2, 3, 4)),
        of("mean", x -> a(x).square().mean(), s(2, 3)),
        of("reshape", x -> a(x).square().reshape(3, -1), s(2, 3)),
        of("transpose", x -> a(x).square().t(), s(2, 3)),
        of("transpose then reshape", x -> a(x).square().transpose(0, 2).reshape(-1), s(2, 3, 2)),
        of("slice", x -> a(x).square().slice(1, 1, 3), s(2, 4)),
        of("expand", x -> a(x).square().expand(s(3, 2, 4)), s(2, 1)),
        of("matmul", x -> a(x).matmul(b(x)), s(2, 3), s(3, 4)),
        of("matmul transposed first", x -> a(x).t().matmul(b(x)), s(3, 2), s(3, 4)),
        of("matmul transposed second", x -> a(x).matmul(b(x).t()), s(2, 3), s(4, 3)),
        of("matmul of slices", x -> a(x).slice(1, 1, 4).matmul(b(x)), s(2, 5), s(3, 2)),
        of("matmul, vector first", x -> a(x).matmul(b(x)), s(3), s(3, 4)),
        of("matmul, vector second", x -> a(x).matmul(b(x)), s(2, 3), s(3)),
        of("matmul, folded", x -> a(x).matmul(b(x)), s(2, 2, 3), s(3, 2)),
        of("matmul, batched", x -> a(x).matmul(b(x)), s(2, 2, 3), s(2, 3, 2)),
        of("matmul, batch broadcast", x -> a(x).matmul(b(x)), s(2, 1, 2, 3), s(2, 3, 2)),
        of("dot", x -> a(x).dot(b(x)), s(5), s(5)),
        of("linear", x -> Linear.of(a(x), b(x), x.get(2)), s(2, 3), s(4, 3), s(4)),
        of("linear of sequences", x -> Linear.of(a(x), b(x), x.get(2)), s(2, 2, 3), s(4, 3), s(4)),
        of(
            "linear, relu, linear",
            x -> Linear.of(Linear.of(a(x), b(x), x.get(2)).relu(), x.get(3), x.get(4)),
            s(2, 3),
            s(4, 3),
            s(4),
            s(2, 4),
            s(2)),
        of("softmax", x -> Softmax.of(a(x)), s(2, 4)),
        of("cross-entropy", x -> CrossEntropy.of(a(x), IntTensor.of(1, 0, 3)), s(3, 4)));
  }

  @TestFactory
  Stream<DynamicTest> firstDerivativeIsThatOfCentralDifferences() {
    System.out.println("seed " + SEED);
    return cases().map(c -> dynamicTest(c.name, () -> check(c).firstOrder()));
  }

  @TestFactory
  Stream<DynamicTest> secondDerivativeIsThatOfCentralDifferences() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).secondOrder()));
  }

  @TestFactory
  Stream<DynamicTest> replayedPlanHasTheSameBits() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).replay()));
  }

  private static GradientCheck check(Case c) {
    return new GradientCheck(c.function, List.of(c.shapes), c.low, c.high, SEED);
  }

  @Test
  void gradientOfTwiceTheSquaredLengthIsFourTimesTheVector() {
    Tensor x = Tensor.arange(4).requiresGrad();
    x.dot(x).mul(2).backward();
    assertThat(x.grad().toArray()).containsExactly(0, 4, 8, 12);
  }

  @Test
  void gradientsAddUpUntilTheyAreZeroed() {
    Tensor x = Tensor.of(3f).requiresGrad();
    x.square().sum().backward();
    x.square().sum().backward();
    assertThat(x.grad().toArray()).containsExactly(12);
    x.zeroGrad();
    assertThat(x.grad()).isNull();
  }
}
