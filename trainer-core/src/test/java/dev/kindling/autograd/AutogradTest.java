package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.autograd.ops.Attention;
import dev.kindling.autograd.ops.AveragePool;
import dev.kindling.autograd.ops.Axis;
import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.LayerNormalization;
import dev.kindling.autograd.ops.Lookup;
import dev.kindling.autograd.ops.MaxPool;
import dev.kindling.kernel.Philox;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.GRU;
import dev.kindling.nn.LSTM;
import dev.kindling.nn.LayerNorm;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a user can ask of differentiation beside the gradient of an operation. */
class AutogradTest {
  private static Tensor random(int seed, int... sizes) {
    return Tensor.randn(new Philox(seed, 0, 0), sizes).mul(0.5).detach();
  }

  @Test
  void detachAndRecordingOffStopTheGradient() {
    Tensor x = Tensor.of(2f, 3f).requiresGrad();
    x.mul(x.detach()).sum().backward();
    assertThat(x.grad().toArray()).containsExactly(2, 3);
    assertThat(Tensor.noGrad(() -> x.square()).isRecorded()).isFalse();
    assertThat(Recording.off(() -> Recording.on(() -> x.square())).isRecorded()).isTrue();
  }

  @Test
  void gradientsOfGradientsByCreateGraph() {
    Tensor x = Tensor.of(2f).requiresGrad();
    Gradients.backward(x.pow(3), Tensor.ones(1), true);
    Tensor first = x.grad();
    x.zeroGrad();
    first.sum().backward();
    assertThat(first.item()).isEqualTo(12);
    assertThat(x.grad().item()).isEqualTo(12);
  }

  @Test
  void backwardOfManyOutputsNeedsTheirGradient() {
    Tensor x = Tensor.of(1f, 2f).requiresGrad();
    x.square().backward(Tensor.of(10, 100));
    assertThat(x.grad().toArray()).containsExactly(20, 400);
    assertThatThrownBy(() -> x.square().backward()).hasMessageContaining("not a scalar");
    assertThatThrownBy(() -> x.square().backward(Tensor.ones(3))).hasMessageContaining("[3]");
  }

  @Test
  void hooksSeeTheWholeGradientAndReplaceIt() {
    Tensor x = Tensor.of(1f, 2f).requiresGrad();
    Tensor y = x.mul(3);
    List<float[]> seen = new ArrayList<>();
    y.registerHook(
        g -> {
          seen.add(g.toArray());
          return g.mul(10);
        });
    y.registerHook(g -> g.add(1));
    x.registerHook(g -> g.neg());
    y.add(y.square()).sum().backward();
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0)).containsExactly(7, 13);
    assertThat(x.grad().toArray()).containsExactly(-3 * 71, -3 * 131);
  }

  @Test
  void forwardModeIsTheDirectionalDerivative() {
    Tensor w = random(1, 3, 4);
    Tensor x = random(2, 2, 3);
    Tensor v = random(3, 2, 3);
    Function<Tensor, Tensor> f =
        z -> CrossEntropy.of(z.matmul(w).tanh().relu(), IntTensor.of(1, 3));
    float[] product = Gradients.jvp(f, x, v).toArray();
    float[] high = f.apply(x.add(v.mul(1e-2))).toArray();
    float[] low = f.apply(x.sub(v.mul(1e-2))).toArray();
    for (int i = 0; i < product.length; i++) {
      assertThat(product[i]).isCloseTo((high[i] - low[i]) / 2e-2f, within(1e-3f));
    }
    assertThat(Gradients.jvp(z -> z.mul(2), x, v).toArray()).isEqualTo(v.mul(2).toArray());
    assertThat(Gradients.jvp(z -> z.gt(0), x, v).toArray()).containsOnly(0);
  }

  /** The gradient by the weight is the same whatever that is, but a graph leads to it. */
  @Test
  void aPenaltyOnAConstantGradientOfAFusedOperationMovesNothing() {
    Tensor x = random(5, 2, 4);
    Tensor weight = random(6, 4).requiresGrad();
    Tensor y = LayerNormalization.of(x, weight, Tensor.zeros(4), 1e-5);
    Tensor gradient = Gradients.of(y.sum(), List.of(weight)).get(0);
    gradient.square().sum().backward();
    assertThat(weight.grad().toArray()).containsOnly(0);
  }

  @Test
  void hooksOfAParameterSeeItsWholeGradientAlsoBehindAFusedOperation() {
    Tensor x = random(7, 2, 4);
    Tensor weight = random(8, 4).requiresGrad();
    Tensor bias = random(9, 4).requiresGrad();
    List<float[]> seen = new ArrayList<>();
    Tensor y = LayerNormalization.of(x, weight, bias, 1e-5).square().sum();
    Tensor gradient = Gradients.of(y, List.of(weight)).get(0);
    weight.registerHook(
        g -> {
          seen.add(g.toArray());
          return g;
        });
    gradient.square().sum().backward();
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0)).isEqualTo(weight.grad().toArray());
  }

  @Test
  void gradientsForTheSameOutputGradientAreRememberedWhereTheyMustBe() {
    Tensor x = random(10, 2, 4).requiresGrad();
    Tensor g = random(11, 2, 4).requiresGrad();
    Tensor y = LayerNormalization.of(x, Tensor.ones(4), Tensor.zeros(4), 1e-5);
    y.backward(g);
    x.zeroGrad();
    Gradients.of(y, g, List.of(x)).get(0).square().sum().backward();
    assertThat(x.grad().norm().item()).isGreaterThan(0);
    assertThat(g.grad().norm().item()).isGreaterThan(0);
  }

  @Test
  void anomalyNamesTheOperationItsShapesAndItsInputs() {
    Tensor x = Tensor.of(new float[] {1, -1, 2, 4}, 2, 2).requiresGrad();
    assertThatThrownBy(() -> Anomaly.detect(() -> x.mul(2).log().sum()))
        .isInstanceOf(AnomalyException.class)
        .hasMessage(
            "Log made NaN or infinity: output [2,2]: 1 NaN, 0 infinite, the first at element 1;"
                + " others from %s to %s; input 0 [2,2]: from -2.0 to 8.0",
            x.mul(2).log().array()[0], x.mul(2).log().array()[3]);
    assertThat(x.log().array()[1]).isNaN();
  }

  @Test
  void anomalyNamesTheGradientOfAFusedOperation() {
    Tensor y = new LayerNorm(2).forward(random(12, 3, 2).requiresGrad());
    assertThatThrownBy(
            () ->
                Anomaly.detect(
                    () -> {
                      y.backward(Tensor.full(y.shape(), Double.NaN));
                      return null;
                    }))
        .isInstanceOf(AnomalyException.class)
        .hasMessageStartingWith("LayerNormalizationGradient made NaN or infinity: output");
  }

  @Test
  void gradientsAreNamedAfterTheirOperations() {
    Map<String, UnaryOperator<Tensor>> named =
        Map.of(
            "LstmGradient", x -> new LSTM(2, 3).forward(x),
            "GruGradient", x -> new GRU(2, 3).forward(x),
            "LayerNormalizationGradient", x -> new LayerNorm(2).forward(x),
            "StandardizeGradient", x -> new BatchNorm1d(3).forward(x),
            "AttentionGradient",
                x -> Attention.self(Tensor.cat(List.of(x, x, x), 2), 1, EVERYWHERE),
            "CrossEntropyGradient", x -> CrossEntropy.of(x.select(0, 0), IntTensor.of(0, 1, 1)),
            "MaxPoolGradient", x -> MaxPool.of(x.unsqueeze(0), PAIR, PAIR),
            "AveragePoolGradient", x -> AveragePool.of(x.unsqueeze(0), PAIR, PAIR),
            "LookupGradient", x -> Lookup.of(x.select(0, 0), Tensor.of(1f, 0)),
            "IndexSelectGradient", x -> x.indexSelect(1, IntTensor.of(1, 0)));
    named.forEach((name, function) -> assertThat(gradientNames(function)).contains(name));
  }

  private static final Attention.Mask EVERYWHERE = new Attention.Mask(false, null);
  private static final Axis PAIR = new Axis(2, 1, 0, 0, 1);

  private static List<String> gradientNames(UnaryOperator<Tensor> function) {
    Tensor x = random(12, 2, 3, 2).requiresGrad();
    return OpOrder.of(Gradients.of(function.apply(x).sum(), List.of(x))).stream()
        .map(Op::name)
        .toList();
  }

  @Test
  void anomalyInABackwardIsFoundWhenItsPlanIsReplayed() {
    Tensor x = Tensor.of(1f, 4f).requiresGrad();
    Tensor loss = x.sqrt().sum();
    Plan plan = Plan.of(Gradients.of(loss, List.of(x)));
    x.array()[0] = 0;
    plan.run();
    assertThatThrownBy(
            () ->
                Anomaly.detect(
                    () -> {
                      plan.run();
                      return null;
                    }))
        .isInstanceOf(AnomalyException.class)
        .hasMessageStartingWith("Div made NaN or infinity: output [2]: 0 NaN, 1 infinite");
  }

  @Test
  void infinityThatCameInIsNoAnomaly() {
    Tensor x = Tensor.of(1f, 2f);
    Tensor masked =
        Anomaly.detect(() -> x.maskedFill(Tensor.of(1, 0), Double.NEGATIVE_INFINITY).exp());
    assertThat(masked.array()[0]).isZero();
  }
}
