package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Checks an operation against central differences: its gradient, the gradient of its gradient, and
 * that a captured plan gives the same bits again.
 */
final class GradientCheck {
  private static final float STEP = 1e-2f;
  private static final double TOLERANCE = 2e-2;

  private final Function<List<Tensor>, Tensor> function;
  private final List<Tensor> inputs = new ArrayList<>();
  private final SplittableRandom random;

  /** Inputs are uniform in [low, high), away from kinks by the caller's choice. */
  GradientCheck(
      Function<List<Tensor>, Tensor> function,
      List<Shape> shapes,
      double low,
      double high,
      long seed) {
    this.function = function;
    this.random = new SplittableRandom(seed);
    for (Shape shape : shapes) {
      inputs.add(uniform(shape, low, high).requiresGrad());
    }
  }

  private Tensor uniform(Shape shape, double low, double high) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < shape.elements(); i++) {
      tensor.array()[i] = (float) random.nextDouble(low, high);
    }
    return tensor;
  }

  void firstOrder() {
    compare(weightedSum(function));
  }

  void secondOrder() {
    Function<List<Tensor>, Tensor> scalar = weightedSum(function);
    List<Tensor> directions = new ArrayList<>();
    inputs.forEach(input -> directions.add(uniform(input.shape(), -1, 1)));
    compare(
        x -> {
          List<Tensor> gradients = Gradients.of(scalar.apply(x), x);
          Tensor total = Tensor.scalar(0);
          for (int i = 0; i < gradients.size(); i++) {
            total = total.add(gradients.get(i).mul(directions.get(i)).sum());
          }
          return total;
        });
  }

  /** Replaying on other elements gives what computing anew gives, bit for bit. */
  void replay() {
    Tensor scalar = weightedSum(function).apply(inputs);
    List<Tensor> outputs = new ArrayList<>(Gradients.of(scalar, inputs));
    outputs.add(scalar);
    Plan plan = Plan.of(outputs);
    for (Tensor input : inputs) {
      for (int i = 0; i < input.shape().elements(); i++) {
        input.array()[i] += 0.125f;
      }
    }
    plan.poison();
    plan.run();
    List<float[]> replayed = outputs.stream().map(Tensor::toArray).toList();
    Tensor again = weightedSum(function).apply(inputs);
    List<Tensor> fresh = new ArrayList<>(Gradients.of(again, inputs));
    fresh.add(again);
    for (int i = 0; i < fresh.size(); i++) {
      assertThat(replayed.get(i)).containsExactly(fresh.get(i).toArray());
    }
  }

  /** Once it is compiled: interpreted code allocates what compiled code keeps in registers. */
  void allocatesNothing() {
    Tensor scalar = weightedSum(function).apply(inputs);
    List<Tensor> outputs = new ArrayList<>(Gradients.of(scalar, inputs));
    outputs.add(scalar);
    Plan plan = Plan.of(outputs);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long allocated = Long.MAX_VALUE;
    long deadline = System.nanoTime() + 30_000_000_000L; // a busy machine compiles late
    while (allocated >= 24 * 20 && System.nanoTime() < deadline) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < 20; i++) {
        plan.run();
      }
      allocated = threads.getThreadAllocatedBytes(thread) - before;
    }
    assertThat(allocated).as("bytes in 20 replays").isLessThan(24 * 20);
  }

  private Tensor weights;

  private Function<List<Tensor>, Tensor> weightedSum(Function<List<Tensor>, Tensor> f) {
    return x -> {
      Tensor y = f.apply(x);
      if (weights == null) {
        weights = uniform(y.shape(), 0.5, 1.5);
      }
      return y.mul(weights).sum();
    };
  }

  private void compare(Function<List<Tensor>, Tensor> scalar) {
    Tensor value = scalar.apply(inputs);
    if (!value.isRequiringGrad()) {
      return; // linear: the second derivative is zero by construction
    }
    List<Tensor> gradients = Gradients.of(value, inputs);
    for (int n = 0; n < inputs.size(); n++) {
      float[] gradient = gradients.get(n).toArray();
      float[] elements = inputs.get(n).array();
      for (int i = 0; i < elements.length; i++) {
        double numeric = centralDifference(scalar, elements, i);
        assertThat((double) gradient[i])
            .as("input %d, element %d", n, i)
            .isCloseTo(
                numeric, org.assertj.core.data.Offset.offset(TOLERANCE * (1 + Math.abs(numeric))));
      }
    }
  }

  private double centralDifference(Function<List<Tensor>, Tensor> scalar, float[] elements, int i) {
    float keep = elements[i];
    float above = keep + STEP;
    float below = keep - STEP;
    elements[i] = above;
    double high = scalar.apply(inputs).item();
    elements[i] = below;
    double low = scalar.apply(inputs).item();
    elements[i] = keep;
    return (high - low) / ((double) above - below);
  }
}
