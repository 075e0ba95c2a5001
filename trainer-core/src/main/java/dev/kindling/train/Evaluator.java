package dev.kindling.train;

import dev.kindling.autograd.Plan;
import dev.kindling.data.Slice;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Loss and accuracy of given parameters on rows they were not trained on. Not thread-safe; one per
 * worker thread.
 */
public final class Evaluator {
  /** Rows of one forward pass; part of the result's bits. */
  private static final int BATCH = 256;

  private final TrainingConfig config;
  private final FlatParameters parameters;
  private final Captured[] captured = new Captured[BATCH + 1];

  /** Evaluates the network of a configuration with its loss. */
  public Evaluator(TrainingConfig config) {
    this.config = config;
    this.parameters = new FlatParameters(config.model());
  }

  private record Captured(BatchInput input, Plan plan, Tensor metrics, Tensor output) {}

  /** Sums over all rows of a slice wherever it is kept, in its order. */
  public MetricSums evaluate(float[] values, StoredSlice slice) {
    return evaluate(values, slice, (input, output) -> {});
  }

  /** The same, and the sums of every metric that has a name. */
  public MetricSums evaluate(float[] values, StoredSlice slice, Evaluation named) {
    return evaluate(
        values, slice, (input, output) -> named.add(input, output, config.loss()::counts));
  }

  private MetricSums evaluate(
      float[] values, StoredSlice slice, BiConsumer<BatchInput, Tensor> seen) {
    parameters.point(values);
    MetricSums sums = new MetricSums(0, 0, 0);
    for (int from = 0; from < slice.size(); from += BATCH) {
      int rows = Math.min(BATCH, slice.size() - from);
      boolean isInMemory = slice instanceof Slice;
      Slice block = isInMemory ? (Slice) slice : ((SpilledSlice) slice).block(from, rows);
      int first = isInMemory ? from : 0;
      Captured plan = planFor(block, rows);
      plan.input.fill(block, IntStream.range(first, first + rows).toArray(), 0);
      plan.plan.run();
      seen.accept(plan.input, plan.output);
      sums = sums.plus(MetricSums.read(plan.metrics.array(), plan.metrics.offset()));
    }
    return sums;
  }

  private Captured planFor(Slice slice, int rows) {
    if (captured[rows] == null) {
      BatchInput input = new BatchInput(slice.format(), rows);
      Tensor output = config.model().eval().forward(input.features()).contiguous();
      config.model().train();
      Tensor losses = config.loss().perSample(output, input.target(), input.weights());
      Tensor metrics = SampleMetrics.of(losses, output, input, config.loss());
      captured[rows] = new Captured(input, Plan.of(List.of(metrics, output)), metrics, output);
    }
    return captured[rows];
  }
}
