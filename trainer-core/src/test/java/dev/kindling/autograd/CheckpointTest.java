package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.autograd.ops.Linear;
import dev.kindling.kernel.Philox;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.Dropout;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.StepContext;
import dev.kindling.nn.Tanh;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Segments that are computed again for their gradients give what those give that are kept. */
class CheckpointTest {
  private static final long SEED = 31;

  @BeforeAll
  static void printSeed() {
    System.out.println("seed " + SEED);
  }

  private static Tensor random(int seed, int... sizes) {
    return Tensor.randn(new Philox(seed, 0, 0), sizes).mul(0.5).detach();
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

  private static Module layers() {
    return new Sequential(
            new dev.kindling.nn.Linear(4, 6),
            new BatchNorm1d(6),
            new Dropout(0.4),
            new Tanh(),
            new dev.kindling.nn.Linear(6, 4),
            new Dropout(0.4))
        .initialize(SEED);
  }

  /** How a network of twice the same layers runs. */
  private interface Course {
    Tensor run(Module layers, Tensor x);
  }

  private static final Course KEPT = (layers, x) -> layers.forward(layers.forward(x));

  private static final Course AGAIN =
      (layers, x) -> Checkpoint.of(layers::forward, Checkpoint.of(layers::forward, x));

  private static final Course AGAIN_INSIDE =
      (layers, x) ->
          Checkpoint.of(h -> layers.forward(Checkpoint.of(layers::forward, h).mul(1)), x);

  private static List<float[]> gradients(Course course) {
    Module layers = layers();
    Tensor x = random(1, 5, 4).requiresGrad();
    course.run(layers, x).square().sum().backward();
    course.run(layers, x).square().sum().backward(); // with other masks
    List<float[]> gradients = new ArrayList<>();
    gradients.add(x.grad().toArray());
    layers.namedParameters().values().forEach(p -> gradients.add(p.tensor().grad().toArray()));
    layers.namedStatistics().values().forEach(s -> gradients.add(s.tensor().toArray()));
    return gradients;
  }

  @Test
  void dropoutDropsTheSameElementsAndRunningStatisticsMoveOnce() {
    List<float[]> kept = gradients(KEPT);
    assertThat(gradients(AGAIN)).usingRecursiveComparison().isEqualTo(kept);
    assertThat(gradients(AGAIN_INSIDE)).usingRecursiveComparison().isEqualTo(kept);
  }

  /** The gradients and observed statistics of a captured step, replayed as another step. */
  private static List<float[]> replayed(Course course) {
    Module layers = layers();
    StepContext context = new StepContext(SEED);
    layers.bind(context);
    Tensor x = random(1, 5, 4).traced();
    context.beginCapture();
    Tensor loss = course.run(layers, x).square().sum();
    List<Tensor> parameters =
        layers.namedParameters().values().stream().map(p -> p.tensor()).toList();
    List<Tensor> outputs = new ArrayList<>(Gradients.of(loss, parameters));
    outputs.addAll(context.endCapture().values());
    Plan plan = Plan.of(outputs);
    context.moveTo(7, 1);
    plan.run();
    List<float[]> results = outputs.stream().map(Tensor::toArray).toList();
    assertThat(results).hasSize(parameters.size() + 2);
    return results.subList(0, parameters.size());
  }

  @Test
  void dropoutDropsTheSameElementsInACapturedStep() {
    List<float[]> kept = replayed(KEPT);
    assertThat(replayed(AGAIN)).usingRecursiveComparison().isEqualTo(kept);
    assertThat(replayed(AGAIN_INSIDE)).usingRecursiveComparison().isEqualTo(kept);
  }

  private static List<float[]> penalty(Course course) {
    Module layers = layers();
    Tensor x = random(1, 5, 4).requiresGrad();
    Tensor loss = course.run(layers, x).square().sum();
    Gradients.of(loss, List.of(x)).get(0).square().sum().backward();
    List<float[]> gradients = new ArrayList<>();
    gradients.add(x.grad().toArray());
    layers
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (!name.equals("4.bias") && !name.equals("0.bias")) { // whose gradient is 0
                gradients.add(parameter.tensor().grad().toArray());
              }
            });
    return gradients;
  }

  @Test
  void aGradientPenaltyGoesThroughASegment() {
    List<float[]> kept = penalty(KEPT);
    for (Course course : List.of(AGAIN, AGAIN_INSIDE)) {
      List<float[]> again = penalty(course);
      for (int i = 0; i < kept.size(); i++) {
        Tensor difference = Tensor.of(again.get(i)).sub(Tensor.of(kept.get(i)));
        double size = Tensor.of(kept.get(i)).norm().item();
        assertThat((double) difference.norm().item()).isLessThan(1e-4 * size);
      }
    }
  }

  @Test
  void aSegmentThatDropsMoreTheSecondTimeIsRefused() {
    Dropout dropout = new Dropout(0.5);
    dropout.initialize(SEED);
    boolean[] isAgain = {false};
    Tensor x = random(3, 2, 4).requiresGrad();
    Tensor y =
        Checkpoint.of(
            h -> {
              Tensor once = dropout.forward(h);
              Tensor result = isAgain[0] ? dropout.forward(once) : once;
              isAgain[0] = true;
              return result;
            },
            x);
    assertThatThrownBy(() -> y.sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more than the 1 random operations of its first run");
  }

  /** The argument, read past it, and what was made of it and of parameters before. */
  @Test
  void aSegmentMayReadWhatStandsAroundIt() {
    Tensor w = random(2, 2, 4).requiresGrad();
    Tensor x = random(3, 2, 4).requiresGrad();
    Tensor h = x.mul(w).tanh();
    Tensor before = h.sin().mul(w);
    UnaryOperator<Tensor> segment = z -> z.mul(h).add(before).mul(w).sigmoid();
    List<Tensor> kept = Gradients.of(segment.apply(h).sum(), List.of(x, w));
    List<Tensor> again = Gradients.of(Checkpoint.of(segment, h).sum(), List.of(x, w));
    for (int i = 0; i < kept.size(); i++) {
      float difference = again.get(i).sub(kept.get(i)).abs().max().item();
      assertThat(difference).isLessThan(1e-6f);
    }
  }

  @Test
  void hooksOfAParameterSeeItsWholeGradient() {
    Tensor w = random(2, 4, 4).requiresGrad();
    Tensor x = random(3, 2, 4);
    List<float[]> seen = new ArrayList<>();
    w.registerHook(
        g -> {
          seen.add(g.toArray());
          return g.mul(2);
        });
    Checkpoint.of(h -> h.matmul(w).tanh(), x).sum().backward();
    assertThat(seen).hasSize(1);
    assertThat(w.grad().toArray()).isEqualTo(Tensor.of(seen.get(0)).mul(2).toArray());
  }
}
