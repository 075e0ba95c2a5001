package dev.kindling.bench;

import dev.kindling.autograd.Gradients;
import dev.kindling.autograd.Plan;
import dev.kindling.autograd.ops.Activation;
import dev.kindling.autograd.ops.LayerNormalization;
import dev.kindling.autograd.ops.Softmax;
import dev.kindling.autograd.ops.Standardize;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Operations that are bound by memory, or by the polynomial of a transcendental function, on a
 * million elements; beside each, copying a million in the same run.
 */
final class ElementwiseBench {
  private static final int ELEMENTS = 1 << 20;
  private static final long SEED = 1;
  private static final double EPS = 1e-5;

  /** Bytes that copying an element moves: it is read and written. */
  private static final int COPIED = 2 * Float.BYTES;

  /**
   * An operation to be timed.
   *
   * @param arrays that it must read or write once, ELEMENTS each
   */
  private record Operation(String name, Shape shape, int arrays, Supplier<Replay> replay) {

    static Operation of(String name, int arrays, Function<Tensor, Tensor> function) {
      return forward(name, Shape.of(ELEMENTS), arrays, function);
    }

    static Operation forward(
        String name, Shape shape, int arrays, Function<Tensor, Tensor> function) {
      return new Operation(
          name, shape, arrays, () -> Replay.of(List.of(function.apply(random(shape)))));
    }

    static Operation backward(
        String name, Shape shape, int arrays, Function<Tensor, Tensor> function) {
      return new Operation(
          name + "_backward", shape, arrays, () -> Replay.gradient(random(shape), function));
    }

    private static Tensor random(Shape shape) {
      return Tensor.rand(new Philox(SEED, 0, 0), shape.toArray()).add(0.1).detach().requiresGrad();
    }
  }

  private ElementwiseBench() {}

  private static List<Operation> operations() {
    Tensor other = Tensor.ones(ELEMENTS);
    Shape rows = Shape.of(ELEMENTS / 128, 128);
    Shape images = Shape.of(64, 64, 16, 16);
    return List.of(
        Operation.of("add", 3, x -> x.add(other)),
        Operation.of("mul", 3, x -> x.mul(other)),
        Operation.of("relu", 2, Tensor::relu),
        Operation.of("exp", 2, Tensor::exp),
        Operation.of("log", 2, Tensor::log),
        Operation.of("tanh", 2, Tensor::tanh),
        Operation.of("sigmoid", 2, Tensor::sigmoid),
        Operation.of("gelu", 2, Activation::gelu),
        Operation.backward("relu", Shape.of(ELEMENTS), 3, Tensor::relu),
        Operation.backward("gelu", Shape.of(ELEMENTS), 3, Activation::gelu),
        Operation.forward("softmax", Shape.of(1024, 1024), 2, Softmax::of),
        Operation.forward("softmax", Shape.of(ELEMENTS / 64, 64), 2, Softmax::of),
        Operation.forward("layer_norm", rows, 2, ElementwiseBench::layerNorm),
        Operation.backward("layer_norm", rows, 3, ElementwiseBench::layerNorm),
        Operation.forward("batch_norm", images, 3, ElementwiseBench::batchNorm),
        Operation.backward("batch_norm", images, 5, ElementwiseBench::batchNorm));
  }

  private static Tensor layerNorm(Tensor x) {
    int length = x.size(1);
    return LayerNormalization.of(x, Tensor.ones(length), Tensor.zeros(length), EPS);
  }

  private static Tensor batchNorm(Tensor x) {
    return Standardize.channels(x, EPS).y();
  }

  static void run(Bench bench) {
    bench.say("%-20s %-12s %10s %10s %10s", "operation", "shape", "ns", "x memory", "at best");
    operations().forEach(operation -> measure(bench, operation));
  }

  private static void measure(Bench bench, Operation operation) {
    Figures figures = bench.measure(0, operation.replay, Copy::new);
    double toMemory = COPIED / (double) (operation.arrays * Float.BYTES);
    double ratio = toMemory * figures.seconds() / figures.referenceSeconds();
    double bestRatio = toMemory * figures.bestRatio();
    String shape = operation.shape.toString().replace(" ", "");
    bench.say(
        "%-20s %-12s %10.3f %10.2f %10.2f",
        operation.name, shape, 1e9 * figures.seconds() / ELEMENTS, ratio, bestRatio);
    bench.figure(
        "op=%s shape=%s ns_per_element=%.3f best_ns_per_element=%.3f copy_ns_per_element=%.3f"
            + " memory_ratio=%.2f best_memory_ratio=%.2f",
        operation.name,
        shape,
        1e9 * figures.seconds() / ELEMENTS,
        1e9 * figures.bestSeconds() / ELEMENTS,
        1e9 * figures.referenceSeconds() / ELEMENTS,
        ratio,
        bestRatio);
  }

  /** What memory allows. */
  private static final class Copy implements Work {
    private final float[] from = new float[ELEMENTS];
    private final float[] to = new float[ELEMENTS];

    @Override
    public void run(int times) {
      for (int i = 0; i < times; i++) {
        System.arraycopy(from, 0, to, 0, ELEMENTS);
      }
    }
  }

  /** The last operations of a plan, over and over. */
  private record Replay(Plan plan, int from) implements Work {
    static Replay of(List<Tensor> outputs) {
      return new Replay(Plan.of(outputs), 0);
    }

    /** The gradient of x alone; what it reads was computed once. */
    static Replay gradient(Tensor x, Function<Tensor, Tensor> function) {
      Tensor y = function.apply(x);
      Tensor g = Tensor.full(y.shape(), 1);
      List<Tensor> outputs = new ArrayList<>(List.of(y));
      outputs.addAll(Gradients.of(y, g, List.of(x)));
      Plan plan = Plan.of(outputs);
      return new Replay(plan, plan.readyAfter(y));
    }

    @Override
    public void run(int times) {
      for (int i = 0; i < times; i++) {
        plan.run(from, plan.size());
      }
    }
  }
}
