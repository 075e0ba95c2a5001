package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.Linear;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
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

  /** Two layers whose inner results are kept, or computed again. */
  private static final class Network {
    final Tensor x = Tensor.placeholder(Shape.of(5, 8));
    final List<Tensor> parameters = new ArrayList<>();
    Tensor loss;

    Network(boolean isCheckpointed) {
      random(4, 5, 8).toNested();
      System.arraycopy(random(4, 5, 8).toArray(), 0, x.array(), 0, 40);
      Tensor h = x;
      for (int segment = 0; segment < 3; segment++) {
        UnaryOperator<Tensor> layers = segment(segment);
        h = isCheckpointed ? Checkpoint.of(layers, h) : layers.apply(h);
      }
      loss = h.square().sum();
    }

    private UnaryOperator<Tensor> segment(int seed) {
      Tensor first = random(10 + seed, 8, 8).requiresGrad();
      Tensor second = random(20 + seed, 8, 8).requiresGrad();
      Tensor bias = random(30 + seed, 8).requiresGrad();
      parameters.addAll(List.of(first, second, bias));
      return h -> Linear.of(Linear.of(h, first, bias).tanh(), second, bias).sigmoid();
    }
  }

  @Test
  void checkpointedSegmentsGiveTheSameBits() {
    Network kept = new Network(false);
    Network again = new Network(true);
    kept.loss.backward();
    again.loss.backward();
    for (int i = 0; i < kept.parameters.size(); i++) {
      assertThat(again.parameters.get(i).grad().toArray())
          .isEqualTo(kept.parameters.get(i).grad().toArray());
    }
  }

  @Test
  void checkpointedSegmentsAreComputedAgainWhenAPlanIsReplayed() {
    Network kept = new Network(false);
    Network again = new Network(true);
    List<Tensor> expected = Gradients.of(kept.loss, kept.parameters);
    List<Tensor> actual = Gradients.of(again.loss, again.parameters);
    Plan plan = Plan.of(expected);
    Plan longer = Plan.of(actual);
    assertThat(longer.size()).isGreaterThan(plan.size());
    kept.x.array()[7] = 3;
    again.x.array()[7] = 3;
    plan.run();
    longer.run();
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).toArray()).isEqualTo(expected.get(i).toArray());
    }
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
