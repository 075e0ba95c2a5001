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
  /** Operations up to {@code end} (excluded) finish {@code buckets}. */
  private record Stage(int end, int[] buckets) {}

  /** Called when a bucket of the flat gradient is final. */
  interface BucketListener {
    void ready(int bucket);
  }

  private final Tensor weight = Tensor.placeholder(Shape.of());
  private final BatchInput input;
  private final Plan plan;
  private final int forwardEnd;
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
    stages = stages(parameters.layout(), buckets);
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

  private Stage[] stages(FlatLayout layout, Buckets buckets) {
    TreeMap<Integer, List<Integer>> byEnd = new TreeMap<>();
    for (int b = buckets.count() - 1; b >= 0; b--) {
      int end = 0;
      for (int i = 0; i < results.length; i++) {
        long from = offsets[i];
        long to = from + results[i].shape().elements();
        if (from < buckets.to(b) && buckets.from(b) < to) {
          end = Math.max(end, plan.readyAfter(results[i]));
        }
      }
      byEnd.computeIfAbsent(end, key -> new ArrayList<>()).add(b);
    }
    byEnd.computeIfAbsent(plan.size(), key -> new ArrayList<>());
    return byEnd.entrySet().stream()
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
   */
  void run(float[] gradient, double weight, BucketListener listener, StepTimes times) {
    this.weight.array()[this.weight.offset()] = (float) weight;
    for (int i = 0; i < results.length; i++) {
      results[i].storage().point(gradient, offsets[i]);
    }
    long start = System.nanoTime();
    plan.run(0, forwardEnd);
    long forwardDone = System.nanoTime();
    times.forward += forwardDone - start;
    int at = forwardEnd;
    long computed = forwardDone;
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
