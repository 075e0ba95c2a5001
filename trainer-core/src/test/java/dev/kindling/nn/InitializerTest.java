package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How parameters start: the papers' formulas, in double precision, against what was drawn. */
class InitializerTest {
  private static final Shape DENSE = Shape.of(300, 200);
  private static final Shape KERNELS = Shape.of(64, 30, 5, 5);

  private static Tensor draw(Initializer initializer, Shape shape) {
    float[] array = new float[shape.elements()];
    initializer.fill(array, 0, shape, new Philox(5, 0, 0));
    return Tensor.of(array, shape.toArray());
  }

  private static void assertDeviation(Initializer initializer, Shape shape, double expected) {
    Tensor drawn = draw(initializer, shape);
    assertThat(drawn.mean().item()).isCloseTo(0, within((float) (0.02 * expected)));
    assertThat(drawn.reshape(-1).std(0).item())
        .isCloseTo((float) expected, within((float) (0.01 * expected)));
    boolean isUniform = initializer.toSpec().type().endsWith("Uniform");
    double bound = Math.sqrt(3) * expected;
    float largest = drawn.abs().max().item();
    if (isUniform) {
      assertThat((double) largest).isBetween(0.999 * bound, 1.00001 * bound);
    } else {
      assertThat((double) largest).isGreaterThan(2 * bound);
    }
  }

  @Test
  void xavierKeepsTheVarianceBothWays() {
    double dense = Math.sqrt(2.0 / (300 + 200));
    double kernels = Math.sqrt(2.0 / (30 * 25 + 64 * 25));
    for (boolean isUniform : new boolean[] {true, false}) {
      assertDeviation(new Xavier(isUniform, 1), DENSE, dense);
      assertDeviation(new Xavier(isUniform, 5.0 / 3), DENSE, 5.0 / 3 * dense);
      assertDeviation(new Xavier(isUniform, 1), KERNELS, kernels);
    }
  }

  @Test
  void kaimingKeepsTheVarianceThroughTheActivation() {
    for (boolean isUniform : new boolean[] {true, false}) {
      assertDeviation(new Kaiming(isUniform, "relu", 0, false), DENSE, Math.sqrt(2.0 / 200));
      assertDeviation(new Kaiming(isUniform, "relu", 0, true), DENSE, Math.sqrt(2.0 / 300));
      assertDeviation(new Kaiming(isUniform, "tanh", 0, false), DENSE, 5 / 3.0 / Math.sqrt(200));
      assertDeviation(new Kaiming(isUniform, "linear", 0, false), KERNELS, 1 / Math.sqrt(750));
      assertDeviation(
          new Kaiming(isUniform, "leaky_relu", Math.sqrt(5), false), DENSE, Math.sqrt(1.0 / 600));
    }
  }

  @Test
  void pyTorchsDefaultIsKaimingWithASlopeOfTheRootOfFive() {
    Initializer kaiming = new Kaiming(true, "leaky_relu", Math.sqrt(5), false);
    Initializer fanIn = Initializer.Uniform.ofFanIn(200);
    float[] expected = draw(fanIn, DENSE).toArray();
    assertThat(draw(kaiming, DENSE).toArray()).containsExactly(expected, within(1e-8f));
  }

  @ParameterizedTest
  @CsvSource({"7, 4", "4, 7", "5, 5", "1, 3", "40, 90"})
  void orthogonalRowsOrColumnsHaveLengthGainAndRightAngles(int rows, int columns) {
    Tensor q = draw(new Orthogonal(2), Shape.of(rows, columns));
    Tensor products = rows <= columns ? q.matmul(q.t()) : q.t().matmul(q);
    float[] expected = Tensor.eye(Math.min(rows, columns)).mul(4).toArray();
    assertThat(products.toArray()).containsExactly(expected, within(2e-6f));
  }

  @Test
  void anOrthogonalKernelIsAMatrixOfItsFirstSizeAndAllOthers() {
    Tensor q = draw(new Orthogonal(1), Shape.of(6, 2, 3, 3)).reshape(6, 18);
    assertThat(q.matmul(q.t()).toArray()).containsExactly(Tensor.eye(6).toArray(), within(1e-6f));
  }

  @Test
  void everyColumnOfASparseMatrixHasAsManyZeros() {
    Tensor drawn = draw(new Sparse(0.35, 0.5), Shape.of(10, 40));
    assertThat(drawn.eq(0).sum(0).toArray()).containsOnly(4);
    assertThat(drawn.ne(0).sum(1).toArray()).hasSize(10).doesNotContain(0);
    double variance = drawn.square().sum().item() / (6 * 40);
    assertThat(variance).isCloseTo(0.25, within(0.06));
  }

  @Test
  void everyInitialiserIsWrittenAndReadBack() {
    List<Initializer> all =
        List.of(
            new Initializer.Constant(2),
            new Initializer.Uniform(-1, 3),
            new Initializer.Normal(1, 0.5f),
            new Xavier(true, 2),
            new Xavier(false, 1),
            new Kaiming(true, "tanh", 0, true),
            Kaiming.normal(),
            new Orthogonal(1.5),
            new Sparse(0.5, 0.1));
    all.forEach(i -> assertThat(Initializer.of(i.toSpec())).isEqualTo(i));
    assertThat(Initializer.of(Spec.of("Zeros"))).isEqualTo(new Initializer.Constant(0));
    assertThat(Initializer.of(Spec.of("Ones"))).isEqualTo(new Initializer.Constant(1));
    assertThatThrownBy(() -> Initializer.of(Spec.of("Orthogonl")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("did you mean 'Orthogonal'?");
  }

  @Test
  void aLayerIsWrittenWithHowItsParametersStart() {
    Map<String, Object> init = Map.of("weight", Map.of("Constant", Map.of("value", 2.0)));
    Module linear = Modules.of(Spec.of("Linear", "in", 3, "out", 2, "init", init));
    assertThat(linear.initialize(1).stateDict().get("weight").toArray()).containsOnly(2);
    Module again = Modules.of(Spec.read("model", linear.toSpec().written()));
    assertThat(again.initialize(1).stateDict().get("weight").toArray()).containsOnly(2);
    assertThat(again.stateDict().get("bias").toArray()).doesNotContain(2);
  }

  @Test
  void applyVisitsEveryModuleAndWhatIsSaidOfTheWholeGoesFirst() {
    Sequential model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    model.apply(
        m -> {
          if (m instanceof Linear) {
            m.init("weight", new Initializer.Constant(0.5f));
          }
        });
    model.init("*.bias", new Initializer.Constant(3)).init("2.*", new Initializer.Constant(7));
    Map<String, Tensor> state = model.initialize(1).stateDict();
    assertThat(state.get("0.weight").toArray()).containsOnly(0.5f);
    assertThat(state.get("0.bias").toArray()).containsOnly(3);
    assertThat(state.get("2.weight").toArray()).containsOnly(7);
    assertThat(state.get("2.bias").toArray()).containsOnly(7);
  }

  @Test
  void whatCannotStartSaysWhichParameterAndWhy() {
    Module linear = new Linear(3, 4);
    assertThatThrownBy(() -> linear.init("wieght", new Orthogonal(1)))
        .hasMessage("init: no parameter of Linear fits 'wieght'; it has [weight, bias]");
    linear.init("*", new Xavier(true, 1));
    assertThatThrownBy(() -> linear.initialize(1))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("parameter bias: [4] has no inputs and outputs to count");
  }
}
