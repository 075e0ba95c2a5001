package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.autograd.Plan;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static final int ELEMENTS = 100_003;

  private final StepContext context = new StepContext(42);

  private Tensor ones() {
    return Tensor.ones(ELEMENTS).requiresGrad();
  }

  @Test
  void dropsTheShareAndKeepsTheMean() {
    Tensor y = new Dropout(0.3).bind(context).forward(ones());
    double dropped = y.eq(0).sum().item() / ELEMENTS;
    assertThat(dropped).isCloseTo(0.3, Offset.offset(0.01));
    assertThat(y.mean().item()).isCloseTo(1, Offset.offset(0.02f));
    assertThat(y.max().item()).isCloseTo(1 / 0.7f, Offset.offset(1e-4f));
  }

  @Test
  void gradientsFlowThroughWhatWasKept() {
    Tensor x = ones();
    Tensor y = new Dropout(0.3).bind(context).forward(x);
    y.sum().backward();
    assertThat(x.grad().toArray()).containsExactly(y.toArray());
  }

  @Test
  void doesNothingInEvaluation() {
    Tensor x = ones();
    assertThat(new Dropout(0.3).eval().forward(x)).isSameAs(x);
  }

  @Test
  void asksForANumberSource() {
    assertThatThrownBy(() -> new Dropout().forward(ones()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("initialize(seed)");
  }

  @Test
  void aReplayDrawsAnewForEveryStepReplicaAndOperation() {
    Module two = new Sequential(new Dropout(), new Dropout()).bind(context);
    Tensor first = two.namedChildren().get("0").forward(ones());
    Tensor second = two.namedChildren().get("1").forward(ones());
    assertThat(first.toArray()).isNotEqualTo(second.toArray());

    Plan plan = Plan.of(List.of(first));
    float[] start = first.toArray();
    context.moveTo(1, 0);
    plan.run();
    float[] nextStep = first.toArray();
    context.moveTo(0, 1);
    plan.run();
    float[] nextReplica = first.toArray();
    context.moveTo(0, 0);
    plan.run();
    assertThat(nextStep).isNotEqualTo(start);
    assertThat(nextReplica).isNotEqualTo(start).isNotEqualTo(nextStep);
    assertThat(first.toArray()).containsExactly(start);
  }

  @Test
  void theMaskOfASmallerShareIsAPrefix() {
    Module dropout = new Dropout();
    float[] many = masked(dropout, 100);
    float[] few = masked(dropout, 13);
    assertThat(java.util.Arrays.copyOf(many, 13)).containsExactly(few);
  }

  private float[] masked(Module dropout, int elements) {
    context.beginCapture();
    Tensor y = dropout.bind(context).forward(Tensor.placeholder(Shape.of(elements)).add(1));
    context.endCapture();
    return y.toArray();
  }
}
