package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.SGD;
import dev.kindling.optim.Update;
import dev.kindling.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The two-layer network worked by hand in the course notes, to the printed digits. */
class WorkedExampleTest {
  private static final Offset<Float> DIGITS = Offset.offset(1e-6f);

  private final float[] hiddenWeights = {1.0f, 0.5f, 0.5f, 0.7f};
  private final float[] outputWeights = {1.0f, 2.0f};
  private final Tensor hidden = Tensor.of(hiddenWeights, 2, 2).requiresGrad();
  private final Tensor output = Tensor.of(outputWeights).requiresGrad();
  private final Tensor x = Tensor.of(0.5f, 1.0f);

  private Tensor predict() {
    return hidden.matmul(x).dot(output);
  }

  private Tensor loss() {
    return predict().sub(0.8).square().mul(0.5);
  }

  @Test
  void forwardBackwardAndOneStepGiveThePrintedNumbers() {
    assertThat(predict().item()).isCloseTo(2.9f, DIGITS);
    Tensor loss = loss();
    assertThat(loss.item()).isCloseTo(2.205f, DIGITS);

    loss.backward();
    assertThat(output.grad().toArray()[0]).isCloseTo(2.1f, DIGITS);
    assertThat(hidden.grad().toArray()[0]).isCloseTo(1.05f, DIGITS);

    step(hiddenWeights, hidden.grad());
    step(outputWeights, output.grad());
    assertThat(hiddenWeights).containsExactly(new float[] {0.895f, 0.29f, 0.29f, 0.28f}, DIGITS);
    assertThat(outputWeights).containsExactly(new float[] {0.79f, 1.8005f}, DIGITS);

    assertThat(predict().item()).isCloseTo(1.3478f, Offset.offset(5e-5f));
    assertThat(loss().item()).isCloseTo(0.15f, Offset.offset(5e-4f));
  }

  private static void step(float[] weights, Tensor gradient) {
    Update update = new Update();
    update.current = weights;
    update.next = weights;
    update.state = new float[0][];
    update.gradient = gradient.toArray();
    update.to = weights.length;
    update.gradientScale = 1;
    update.lr = 0.1f;
    new SGD(0.1).update(update);
  }
}
