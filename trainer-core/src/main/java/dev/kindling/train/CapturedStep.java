package dev.kindling.train;

import dev.kindling.autograd.Gradients;
import dev.kindling.autograd.Plan;
import dev.kindling.autograd.ops.View;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.RunningStatistic;
import dev.kindling.nn.StepContext;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Forward, loss and backward for a fixed number of rows, captured once and replayed. Gradients go
 * straight into a flat vector; a bucket is reported as soon as its last element is final.
 *
 * <p>Not thread-safe.
 */
final class CapturedStep {
  /** Operations up to {@code end} (excluded) finish {@code buckets}, or do without them. */
  private record Stage(int end, int[] buckets) {}

  /** Called when a bucket of the flat gradient is final. */
  interface BucketListener {
    void ready(int bucket);
  }

  private final Tensor weight = Tensor.placeholder(Shape.of());
  private final BatchInput input;
  private final Plan plan;
  private final int forwardEnd;
  private final Stage[] arrivals;
  private final Stage[] stages;
  private final Tensor[] results;
  private final int[] offsets;

  CapturedStep(
      Module model,
      Loss loss,
      StepContext context,
      BatchInput input,
      FlatParameters parameters,
      ModelTables tables,
      Buckets buckets) {
    this.input = input;
    model.train().bind(context);
    context.beginCapture();
    Tensor output = model.forward(input.features());
    Map<RunningStatistic, Tensor> observed = context.endCapture();
    Tensor losses = loss.perSample(output, input.target(), input.weights());
    Tensor metrics = SampleMetrics.of(losses, output, input, loss);
    Tensor objective =
        loss.penalty(model).map(p -> losses.sum().add(p.mul(weight))).orElseGet(losses::sum);

    List<Tensor> inOrder = new ArrayList<>();
    List<Tensor> trained = new ArrayList<>(parameters.tensors());
    trained.addAll(tables.anchors());
    List<Tensor> gradients = Gradients.of(objective, trained);
    int count = parameters.tensors().size();
    inOrder.addAll(gradients.subList(0, count));
    model.namedStatistics().values().forEach(s -> inOrder.add(weighted(s, observed)));
    List<Tensor> own = ownBuffers(inOrder);
    own.add(metrics);
    results = own.toArray(Tensor[]::new);
    offsets = parameters.layout().slots().stream().mapToInt(s -> (int) s.offset()).toArray();
    Collections.reverse(own); // metrics and the last layer first: the order of backward
    gradients.subList(count, gradients.size()).stream()
        .filter(anchor -> anchor.creator() != null)
        .forEach(own::add);
    plan = Plan.of(own);
    forwardEnd = plan.readyAfter(metrics);
    List<Tensor> read = new ArrayList<>(parameters.tensors());
    model.namedStatistics().values().forEach(statistic -> read.add(statistic.tensor()));
    arrivals = arrivals(read, buckets);
    stages = stages(buckets);
  }

  /** A statistic's value in this share, times the share's weight: sums of it turn into a mean. */
  private Tensor weighted(RunningStatistic statistic, Map<RunningStatistic, Tensor> observed) {
    return observed.getOrDefault(statistic, statistic.tensor()).mul(weight);
  }

  /** A gradient that is a view, a constant or shared is copied, so each can go to its place. */
  private static List<Tensor> ownBuffers(List<Tensor> gradients) {
    Set<Object> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> own = new ArrayList<>();
    for (Tensor gradient : gradients) {
      if (gradient.creator() == null) {
        own.add(View.copy(Tensor.placeholder(gradient.shape())));
      } else if (gradient.storage() != gradient.creator().input(0).storage()
          && taken.add(gradient.storage())) {
        own.add(gradient);
      } else {
        own.add(View.copy(gradient));
      }
    }
    return own;
  }

  /**
   * How far forward comes before it needs each bucket. It needs all before it writes the metrics,
   * which stand in the vector of gradients: what was pushed of the step before may have yet to
   * leave until then.
   */
  private Stage[] arrivals(List<Tensor> read, Buckets buckets) {
    TreeMap<Integer, List<Integer>> byStart = new TreeMap<>();
    for (int b = 0; b < buckets.count(); b++) {
      int start = forwardEnd - 1;
      for (int i = 0; i < read.size(); i++) {
        if (overlaps(i, read.get(i), buckets, b)) {
          start = Math.min(start, plan.firstReader(read.get(i)));
        }
      }
      byStart.computeIfAbsent(start, key -> new ArrayList<>()).add(b);
    }
    return inOrder(byStart);
  }

  private Stage[] stages(Buckets buckets) {
    TreeMap<Integer, List<Integer>> byEnd = new TreeMap<>();
    for (int b = buckets.count() - 1; b >= 0; b--) {
      int end = 0;
      for (int i = 0; i < results.length; i++) {
        if (overlaps(i, results[i], buckets, b)) {
          end = Math.max(end, plan.readyAfter(results[i]));
        }
      }
      byEnd.computeIfAbsent(end, key -> new ArrayList<>()).add(b);
    }
    byEnd.computeIfAbsent(plan.size(), key -> new ArrayList<>());
    return inOrder(byEnd);
  }

  private boolean overlaps(int slot, Tensor tensor, Buckets buckets, int bucket) {
    long from = offsets[slot];
    long to = from + tensor.shape().elements();
    return from < buckets.to(bucket) && buckets.from(bucket) < to;
  }

  private static Stage[] inOrder(TreeMap<Integer, List<Integer>> buckets) {
    return buckets.entrySet().stream()
        .map(e -> new Stage(e.getKey(), e.getValue().stream().mapToInt(b -> b).toArray()))
        .toArray(Stage[]::new);
  }

  /** Where the rows of the next replay go. */
  BatchInput input() {
    return input;
  }

  /**
   * Computes the gradient sums into {@code gradient}, reporting each bucket when it is final.
   *
   * @param weight what the share's losses count together
   * @param gate passed for each bucket of the parameters before forward reads it
   */
  void run(
      float[] gradient, double weight, BucketGate gate, BucketListener listener, StepTimes times) {
    this.weight.array()[this.weight.offset()] = (float) weight;
    for (int i = 0; i < results.length; i++) {
      results[i].storage().point(gradient, offsets[i]);
    }
    forward(gate, times);
    backward(listener, times);
  }

  private void forward(BucketGate gate, StepTimes times) {
    int at = 0;
    long start = System.nanoTime();
    for (Stage needed : arrivals) {
      plan.run(at, needed.end);
      at = needed.end;
      long computed = System.nanoTime();
      for (int bucket : needed.buckets) {
        gate.await(bucket);
      }
      times.forward += computed - start;
      start = System.nanoTime();
      times.wait += start - computed;
    }
    plan.run(at, forwardEnd);
    times.forward += System.nanoTime() - start;
  }

  private void backward(BucketListener listener, StepTimes times) {
    int at = forwardEnd;
    long computed = System.nanoTime();
    for (Stage stage : stages) {
      int end = Math.max(at, stage.end);
      plan.run(at, end);
      at = end;
      long stageDone = System.nanoTime();
      times.backward += stageDone - computed;
      for (int bucket : stage.buckets) {
        listener.ready(bucket);
      }
      computed = stage.buckets.length == 0 ? stageDone : System.nanoTime();
      times.exchange += computed - stageDone;
    }
  }
}
