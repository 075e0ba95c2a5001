package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.autograd.ops.Axis;
import dev.kindling.autograd.ops.Convolution;
import dev.kindling.autograd.ops.MaxPool;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A convolution, the ReLU and the pooling behind it run as one, to the bits of one by one. */
class FusedConvolutionTest {
  private static final Axis SAME = new Axis(3, 1, 1, 1, 1);

  private static Tensor random(int seed, int... sizes) {
    return Tensor.randn(new Philox(seed, 0, 0), sizes).detach();
  }

  private final List<Tensor> parameters =
      List.of(
          random(1, 5, 3, 3, 3).requiresGrad(),
          random(2, 5).requiresGrad(),
          random(3, 4, 5, 3, 3).requiresGrad());

  private List<Tensor> results(Tensor x, boolean isRectified, Axis pool) {
    Tensor h = Convolution.of(x, parameters.get(0), parameters.get(1), SAME, SAME, 1);
    h = MaxPool.of(isRectified ? h.relu() : h, pool, pool);
    h = Convolution.of(h, parameters.get(2), null, SAME, SAME, 1);
    Tensor y = MaxPool.of(isRectified ? h.relu() : h, pool, pool);
    List<Tensor> results = new ArrayList<>(List.of(y));
    results.addAll(Gradients.of(y.square().sum(), parameters));
    return results;
  }

  @ParameterizedTest
  @CsvSource({"true, 2, 2, 9", "false, 2, 2, 8", "true, 3, 2, 9", "false, 3, 1, 7"})
  void theBitsAreThoseOfOneByOne(boolean isRectified, int kernel, int stride, int size) {
    Axis pool = new Axis(kernel, stride, 0, 0, 1);
    Tensor x = Tensor.placeholder(Shape.of(2, 3, size, size));
    System.arraycopy(random(4, 2, 3, size, size).array(), 0, x.array(), 0, 6 * size * size);
    List<float[]> expected = results(x, isRectified, pool).stream().map(Tensor::toArray).toList();
    List<Tensor> captured = results(x, isRectified, pool);
    Plan plan = Plan.of(captured);
    assertThat(plan.names())
        .contains(isRectified ? "ConvolutionReluMaxPool" : "ConvolutionMaxPool")
        .contains("ScatterConvolutionWeightGradient")
        .doesNotContain("Convolution", "Relu", "MaxPool");
    for (int replay = 0; replay < 2; replay++) {
      plan.poison();
      plan.run();
      for (int i = 0; i < captured.size(); i++) {
        assertThat(captured.get(i).toArray()).isEqualTo(expected.get(i));
      }
    }
  }
}
