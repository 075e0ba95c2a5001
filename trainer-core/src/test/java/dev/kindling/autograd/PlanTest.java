package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.Linear;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays in shared buffers give the bits of computing anew. */
class PlanTest {
  /** Bytes that the results would take if each kept its own buffer. */
  private static long bytesApart(List<Tensor> outputs) {
    return OpOrder.of(outputs).stream()
        .filter(op -> op.computes() && outputs.stream().noneMatch(y -> y == op.output()))
        .mapToLong(op -> Float.BYTES * (long) op.output().shape().elements())
        .sum();
  }

  private static Tensor random(int seed, int... sizes) {
    return Tensor.randn(new Philox(seed, 0, 0), sizes).mul(0.1).detach();
  }

  /** The gradients and the losses of a perceptron of ten layers of 256 on 64 rows. */
  private static List<Tensor> tenLayers(boolean isCheckpointed) {
    IntTensor labels = new IntTensor(Shape.of(64), new int[64]);
    List<Tensor> parameters = new ArrayList<>();
    Tensor h = Tensor.placeholder(Shape.of(64, 256));
    System.arraycopy(random(1, 64, 256).array(), 0, h.array(), 0, 64 * 256);
    for (int layer = 0; layer < 10; layer += 5) {
      List<Tensor> own = new ArrayList<>();
      for (int i = layer; i < layer + 5; i++) {
        own.add(random(2 + i, 256, 256).requiresGrad());
        own.add(random(20 + i, 256).requiresGrad());
      }
      parameters.addAll(own);
      UnaryOperator<Tensor> segment = x -> layers(x, own);
      h = isCheckpointed ? Checkpoint.of(segment, h) : segment.apply(h);
    }
    Tensor losses = CrossEntropy.of(h, labels);
    List<Tensor> outputs = new ArrayList<>(Gradients.of(losses.sum(), parameters));
    outputs.add(losses);
    Collections.reverse(outputs); // the order of backward: the gradients of the last layer first
    return outputs;
  }

  private static Tensor layers(Tensor x, List<Tensor> parameters) {
    Tensor h = x;
    for (int i = 0; i < parameters.size(); i += 2) {
      h = Linear.of(h, parameters.get(i), parameters.get(i + 1)).relu();
    }
    return h;
  }

  private static List<float[]> elements(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::toArray).toList();
  }

  @Test
  void tenLayersShareAFractionOfTheMemoryAndKeepTheirBits() {
    List<Tensor> outputs = tenLayers(false);
    List<Tensor> again = tenLayers(true);
    List<float[]> eager = elements(outputs);
    long apart = bytesApart(outputs);
    long recomputedApart = bytesApart(again);
    Plan plan = Plan.of(outputs);
    Plan recomputing = Plan.of(again);
    System.out.printf(
        "ten layers: %d KiB apart, %d KiB shared; recomputed: %d KiB apart, %d KiB shared%n",
        apart >> 10,
        plan.sharedBytes() >> 10,
        recomputedApart >> 10,
        recomputing.sharedBytes() >> 10);
    assertThat(plan.sharedBytes()).isLessThan(apart * 3 / 10);
    assertThat(recomputing.sharedBytes()).isLessThan(plan.sharedBytes());
    for (Plan each : List.of(plan, recomputing)) {
      each.poison();
      each.run();
    }
    assertThat(elements(outputs)).containsExactlyElementsOf(eager);
    assertThat(elements(again)).containsExactlyElementsOf(eager);
  }

  @Test
  void whatAPlanHasTakenIsNotCapturedOrDifferentiatedAgain() {
    Tensor x = Tensor.of(1f, 2f).requiresGrad();
    Tensor y = x.exp();
    Tensor loss = y.mul(2).sum();
    Plan.of(List.of(loss));
    assertThatThrownBy(() -> Plan.of(List.of(y.add(1)))).hasMessageContaining("another plan");
    assertThatThrownBy(loss::backward).hasMessageContaining("before capturing");
  }

  /** A random computation, the same for the same seed. */
  private static final class RandomGraph {
    private final SplittableRandom random;
    private final List<Tensor> leaves = new ArrayList<>();
    private final List<Tensor> outputs = new ArrayList<>();

    RandomGraph(long seed, List<Tensor> leaves) {
      random = new SplittableRandom(seed);
      this.leaves.addAll(leaves);
      List<Tensor> known = new ArrayList<>(leaves);
      for (int i = 0; i < 25; i++) {
        known.add(next(known));
      }
      Tensor last = known.get(known.size() - 1).sum();
      outputs.addAll(Gradients.of(last.add(leaves.get(0).sum()), leaves));
      outputs.add(pick(known));
      outputs.add(last);
    }

    private Tensor pick(List<Tensor> known) {
      int recent = Math.max(0, known.size() - 6);
      return known.get(random.nextInt(random.nextBoolean() ? recent : 0, known.size()));
    }

    private Tensor next(List<Tensor> known) {
      Tensor a = pick(known);
      Tensor b = pick(known);
      List<Supplier<Tensor>> choices =
          List.of(
              () -> a.add(b),
              () -> a.mul(b).tanh(),
              () -> a.sub(b.t()),
              () -> a.matmul(b).tanh(),
              () -> a.t(),
              () -> a.flip(0).mul(a),
              () -> a.relu(),
              () -> a.sigmoid().mul(a),
              () -> a.sub(a.meanKeepDim(1)),
              () -> Tensor.concat(List.of(a.slice(0, 2, 4), b.slice(0, 0, 2)), 0),
              () -> a.slice(1, 1, 3).pad(new int[] {0, 2}, 0.5),
              () -> Tensor.where(a.gt(b), a, b.neg()),
              () -> a.cumsum(1).sin(),
              () -> a.reshape(2, 8).reshape(4, 4).maximum(b),
              () -> a.sub(a.max(0)),
              () -> a.add(a.select(0, 1)));
      return choices.get(random.nextInt(choices.size())).get();
    }
  }

  @TestFactory
  Stream<DynamicTest> randomComputationsKeepTheirBits() {
    return LongStream.range(0, 300)
        .mapToObj(seed -> dynamicTest("seed " + seed, () -> replayed(seed)));
  }

  private static void replayed(long seed) {
    List<Tensor> leaves = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      leaves.add(random((int) (10 * seed) + i, 4, 4).mul(5).detach().requiresGrad());
    }
    RandomGraph graph = new RandomGraph(seed, leaves);
    Plan plan = Plan.of(graph.outputs);
    leaves.forEach(leaf -> leaf.array()[5] += 0.25f);
    plan.poison();
    plan.run();
    List<float[]> first = elements(graph.outputs);
    plan.run();
    assertThat(elements(graph.outputs)).containsExactlyElementsOf(first);
    assertThat(elements(new RandomGraph(seed, leaves).outputs)).containsExactlyElementsOf(first);
  }
}
