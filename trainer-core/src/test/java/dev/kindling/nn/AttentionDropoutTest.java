package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.autograd.Gradients;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Attention whose shares are dropped, made of simple operations, beside the fused one, which other
 * tests hold to PyTorch.
 */
class AttentionDropoutTest {
  private static final long SEED = 20260213;
  private static final int DIM = 6;
  private static final int HEADS = 3;

  /** So small that no element is dropped, and what stays is scaled by 1. */
  private static final double NONE = 1e-9;

  private static final Offset<Float> CLOSE = Offset.offset(1e-5f);

  private static Tensor random(int stream, int... sizes) {
    return Tensor.randn(new Philox(SEED, stream, 0), sizes);
  }

  private static MultiHeadAttention layer(double p, boolean isCausal) {
    MultiHeadAttention layer = new MultiHeadAttention(DIM, HEADS, p, isCausal);
    layer.initialize(SEED).bind(new StepContext(SEED));
    Tensor bias = layer.namedParameters().get("in_proj_bias").tensor();
    System.arraycopy(random(9, 3 * DIM).toArray(), 0, bias.array(), bias.offset(), 3 * DIM);
    return layer;
  }

  private static void assertSame(
      boolean isCausal,
      List<Tensor> inputs,
      BiFunction<MultiHeadAttention, List<Tensor>, Tensor> forward) {
    MultiHeadAttention fused = layer(0, isCausal);
    MultiHeadAttention dropping = layer(NONE, isCausal);
    Tensor expected = forward.apply(fused, inputs);
    Tensor actual = forward.apply(dropping, inputs);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toArray()).containsExactly(expected.toArray(), CLOSE);

    Tensor weights = random(10, expected.shape().toArray());
    List<Tensor> wanted = gradients(fused, inputs, expected.mul(weights).sum());
    List<Tensor> given = gradients(dropping, inputs, actual.mul(weights).sum());
    for (int i = 0; i < wanted.size(); i++) {
      assertThat(given.get(i).toArray())
          .as("gradient %d", i)
          .containsExactly(wanted.get(i).toArray(), Offset.offset(5e-5f));
    }
  }

  private static List<Tensor> gradients(Module module, List<Tensor> inputs, Tensor loss) {
    List<Tensor> leaves = new ArrayList<>(inputs);
    module.namedParameters().values().forEach(p -> leaves.add(p.tensor()));
    return Gradients.of(loss, leaves);
  }

  @Test
  void whereNothingIsDroppedItIsTheFusedOne() {
    List<Tensor> x = List.of(random(1, 2, 5, DIM).requiresGrad());
    assertSame(false, x, (layer, in) -> layer.forward(in.get(0)));
    assertSame(true, x, (layer, in) -> layer.forward(in.get(0)));
  }

  @Test
  void maskedItIsTheFusedOne() {
    List<Tensor> x = List.of(random(2, 2, 5, DIM).requiresGrad());
    Tensor visible = random(3, 2, 1, 5, 5).gt(0).maximum(Tensor.eye(5));
    assertSame(false, x, (layer, in) -> layer.forward(in.get(0), visible));
  }

  @Test
  void ofAnotherSequenceItIsTheFusedOne() {
    List<Tensor> x =
        List.of(random(4, 2, 5, DIM).requiresGrad(), random(5, 2, 3, DIM).requiresGrad());
    Tensor visible = random(6, 5, 3).gt(0).maximum(Tensor.of(1, 0, 0));
    assertSame(false, x, (layer, in) -> layer.forward(in.get(0), in.get(1), null));
    assertSame(false, x, (layer, in) -> layer.forward(in.get(0), in.get(1), visible));
  }

  @Test
  void inTheMeanOverManyStepsDroppingChangesNothing() {
    Tensor x = random(7, 2, 4, DIM);
    MultiHeadAttention dropping = layer(0.25, true);
    StepContext context = new StepContext(SEED);
    dropping.bind(context);
    int steps = 4000;
    double[] mean = new double[2 * 4 * DIM];
    int alike = 0;
    float[] plain = layer(0, true).forward(x).toArray();
    for (int step = 0; step < steps; step++) {
      context.moveTo(step, 0);
      float[] y = Tensor.noGrad(() -> dropping.forward(x)).toArray();
      for (int i = 0; i < y.length; i++) {
        mean[i] += (double) y[i] / steps;
      }
      alike += java.util.Arrays.equals(y, plain) ? 1 : 0;
    }
    assertThat(alike).isZero();
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).as("element %d", i).isCloseTo(plain[i], Offset.offset(0.05));
    }
  }

  @Test
  void inEvaluationNothingIsDropped() {
    Tensor x = random(8, 2, 4, DIM);
    MultiHeadAttention dropping = layer(0.25, true);
    dropping.eval();
    assertThat(dropping.forward(x).toArray()).containsExactly(layer(0, true).forward(x).toArray());
  }
}
