package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Checks a function against central differences: its gradient, the gradient of its gradient, its
 * derivative forward, and that a captured plan gives the same bits again.
 */
final class GradientCheck {
  private static final float STEP = 1e-2f;
  private static final double TOLERANCE = 1e-2;
  private static final double ROUNDING = 1e-6;

  private final Function<List<Tensor>, Tensor> function;
  private final List<Tensor> inputs;
  private final SplittableRandom random;

  /** Inputs are uniform in [low, high), away from kinks by the caller's choice. */
  static GradientCheck of(
      Function<List<Tensor>, Tensor> function,
      List<Shape> shapes,
      double low,
      double high,
      long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new GradientCheck(
        function,
        shapes.stream().map(shape -> uniform(random, shape, low, high).requiresGrad()).toList(),
        random);
  }

  /** At the given inputs, leaves that ask for a gradient. */
  GradientCheck(
      Function<List<Tensor>, Tensor> function, List<Tensor> inputs, SplittableRandom random) {
    this.function = function;
    this.inputs = inputs;
    this.random = random;
  }

  private Tensor uniform(Shape shape, double low, double high) {
    return uniform(random, shape, low, high);
  }

  static Tensor uniform(SplittableRandom random, Shape shape, double low, double high) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < shape.elements(); i++) {
      tensor.array()[i] = (float) random.nextDouble(low, high);
    }
    return tensor;
  }

  void firstOrder() {
    compare(weightedSum(function));
  }

  /**
   * Of the gradient along a direction.
   *
   * @param isLinear whether the gradient is constant, so that it must remember nothing
   */
  void secondOrder(boolean isLinear) {
    Function<List<Tensor>, Tensor> slope = slope(weightedSum(function));
    assertThat(slope.apply(inputs).isRequiringGrad())
        .as("the gradient depends on the inputs")
        .isEqualTo(!isLinear);
    if (!isLinear) {
      compare(slope);
    }
  }

  /** The same where the gradient that comes in depends on the inputs too. */
  void secondOrderBehindACube() {
    compare(slope(weightedSum(cubed())));
  }

  /** {@code sum(direction * gradient)}. */
  private Function<List<Tensor>, Tensor> slope(Function<List<Tensor>, Tensor> scalar) {
    List<Tensor> directions = directions();
    return x -> dot(Gradients.of(scalar.apply(x), x), directions);
  }

  private List<Tensor> directions() {
    return inputs.stream().map(input -> uniform(input.shape(), 0.5, 1.5)).toList();
  }

  private static Tensor dot(List<Tensor> a, List<Tensor> b) {
    Tensor total = Tensor.scalar(0);
    for (int i = 0; i < a.size(); i++) {
      total = total.add(a.get(i).mul(b.get(i)).sum());
    }
    return total;
  }

  /**
   * A penalty on the squares of the gradient, which {@code backward} has left with its graph, moved
   * by a second, ordinary {@code backward}.
   */
  void gradientPenalty() {
    Function<List<Tensor>, Tensor> scalar = weightedSum(cubed());
    List<Tensor> directions = directions();
    double scale = largest(gradientsByBackward(scalar));
    Function<List<Tensor>, Tensor> penalty =
        x -> {
          List<Tensor> gradients = gradientsByBackward(scalar);
          List<Tensor> squares = gradients.stream().map(g -> g.mul(1 / scale).mul(g)).toList();
          return dot(squares, directions);
        };
    penalty.apply(inputs).backward();
    List<Tensor> gradients = inputs.stream().map(Tensor::grad).toList();
    assertThat(gradients).noneMatch(Tensor::isRecorded);
    compare(penalty, gradients);
  }

  private List<Tensor> gradientsByBackward(Function<List<Tensor>, Tensor> scalar) {
    inputs.forEach(Tensor::zeroGrad);
    Gradients.backward(scalar.apply(inputs), Tensor.scalar(1), true);
    List<Tensor> gradients = inputs.stream().map(Tensor::grad).toList();
    inputs.forEach(Tensor::zeroGrad);
    return gradients;
  }

  /** {@code J v} of all inputs at once, as parts of one vector. */
  void forwardMode() {
    Tensor x = Tensor.concat(inputs.stream().map(input -> input.reshape(-1)).toList(), 0).detach();
    Tensor direction = uniform(x.shape(), -1, 1);
    Function<Tensor, Tensor> ofVector = vector -> function.apply(parts(vector));
    float[] product = Gradients.jvp(ofVector, x, direction).toArray();
    float[] high = ofVector.apply(x.add(direction.mul(STEP))).toArray();
    float[] low = ofVector.apply(x.sub(direction.mul(STEP))).toArray();
    double[] numeric =
        IntStream.range(0, product.length)
            .mapToDouble(i -> ((double) high[i] - low[i]) / (2 * STEP))
            .toArray();
    assertClose(product, numeric, largest(List.of(ofVector.apply(x))), "product");
  }

  private List<Tensor> parts(Tensor vector) {
    List<Tensor> parts = new ArrayList<>();
    int at = 0;
    for (Tensor input : inputs) {
      int end = at + input.shape().elements();
      parts.add(vector.slice(0, at, end).reshape(input.shape().toArray()));
      at = end;
    }
    return parts;
  }

  /**
   * Views, as input or incoming gradient, give what the same elements give that stand row-major.
   */
  void views() {
    Tensor y = function.apply(inputs);
    Tensor g = uniform(y.shape(), 0.5, 1.5);
    List<Tensor> expected = Gradients.of(y, g, inputs);
    for (UnaryOperator<Tensor> view : VIEWS) {
      Tensor again = function.apply(inputs.stream().map(view).toList());
      assertSame(again, y);
      assertSame(Gradients.of(again, view.apply(g), inputs), expected);
    }
    Tensor even = Tensor.full(y.shape(), 1);
    Tensor stretched = Tensor.scalar(1).expand(y.shape());
    assertSame(Gradients.of(y, stretched, inputs), Gradients.of(y, even, inputs));
  }

  private static final List<UnaryOperator<Tensor>> VIEWS =
      List.of(
          x -> x.flip(all(x)).contiguous().flip(all(x)),
          x -> x.permute(reversed(x)).contiguous().permute(reversed(x)),
          x -> x.shape().rank() == 0 ? x : x.pad(new int[] {2, 1}, 9).slice(-1, 2, 2 + x.size(-1)));

  private static int[] all(Tensor x) {
    return IntStream.range(0, x.shape().rank()).toArray();
  }

  private static int[] reversed(Tensor x) {
    return IntStream.range(0, x.shape().rank()).map(d -> x.shape().rank() - 1 - d).toArray();
  }

  private static void assertSame(List<Tensor> actual, List<Tensor> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertSame(actual.get(i), expected.get(i));
    }
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double difference = actual.sub(expected).abs().max().item();
    assertThat(difference).isLessThanOrEqualTo(1e-5 * largest(List.of(expected)));
  }

  /** Replaying on other elements gives what computing anew gives, bit for bit. */
  void replay() {
    Function<List<Tensor>, Tensor> scalar = weightedSum(cubed());
    List<Tensor> outputs = twiceDifferentiated(scalar);
    Plan plan = Plan.of(outputs);
    for (Tensor input : inputs) {
      for (int i = 0; i < input.shape().elements(); i++) {
        input.array()[i] += 0.125f;
      }
    }
    plan.poison();
    plan.run();
    List<float[]> replayed = outputs.stream().map(Tensor::toArray).toList();
    List<Tensor> fresh = twiceDifferentiated(scalar);
    for (int i = 0; i < fresh.size(); i++) {
      assertThat(replayed.get(i)).containsExactly(fresh.get(i).toArray());
    }
  }

  /** The value, its gradients, and those of the sum of their squares. */
  private List<Tensor> twiceDifferentiated(Function<List<Tensor>, Tensor> scalar) {
    Tensor value = scalar.apply(inputs);
    List<Tensor> first = Gradients.of(value, inputs);
    List<Tensor> outputs = new ArrayList<>(List.of(value));
    outputs.addAll(first);
    outputs.addAll(Gradients.of(dot(first, first), inputs));
    return outputs;
  }

  /** Once it is compiled: interpreted code allocates what compiled code keeps in registers. */
  void allocatesNothing() {
    Tensor scalar = weightedSum(function).apply(inputs);
    List<Tensor> outputs = new ArrayList<>(Gradients.of(scalar, inputs));
    outputs.add(scalar);
    Plan plan = Plan.of(outputs);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    long deadline = System.nanoTime() + 300_000_000_000L; // a busy machine compiles late
    while (least > 0 && System.nanoTime() < deadline) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < 20; i++) {
        plan.run();
      }
      least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
    }
    assertThat(least).as("bytes in 20 replays").isZero();
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

  /** The function and a cube behind it, of what is 1 at most here. */
  private Function<List<Tensor>, Tensor> cubed() {
    double scale = largest(List.of(function.apply(inputs)));
    return x -> {
      Tensor y = function.apply(x);
      Tensor small = y.mul(1 / scale);
      return y.mul(small).mul(small);
    };
  }

  /** The largest size of an element; 1 where all are 0. */
  private static double largest(List<Tensor> tensors) {
    double largest =
        tensors.stream().mapToDouble(tensor -> tensor.abs().max().item()).max().orElseThrow();
    return largest == 0 ? 1 : largest;
  }

  private void compare(Function<List<Tensor>, Tensor> scalar) {
    compare(scalar, Gradients.of(scalar.apply(inputs), inputs));
  }

  private void compare(Function<List<Tensor>, Tensor> scalar, List<Tensor> gradients) {
    double value = scalar.apply(inputs).item();
    for (int n = 0; n < inputs.size(); n++) {
      Tensor input = inputs.get(n);
      double[] numeric =
          IntStream.range(0, input.shape().elements())
              .mapToDouble(i -> centralDifference(scalar, input.array(), input.offset() + i))
              .toArray();
      assertClose(gradients.get(n).toArray(), numeric, value, "input " + n);
    }
  }

  /** Close by the size of the largest, beside what rounding of the value leaves in a difference. */
  private static void assertClose(float[] actual, double[] numeric, double value, String what) {
    double largest = Arrays.stream(numeric).map(Math::abs).max().orElse(0);
    double allowed = TOLERANCE * largest + ROUNDING * Math.abs(value) / STEP;
    for (int i = 0; i < numeric.length; i++) {
      assertThat((double) actual[i])
          .as("%s, element %d", what, i)
          .isCloseTo(numeric[i], within(allowed));
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
