package dev.kindling.train;

import dev.kindling.autograd.Plan;
import dev.kindling.data.Slice;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.tensor.Tensor;
import java.util.List;
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

  private record Captured(BatchInput input, Plan plan, Tensor metrics) {}

  /** Sums over all rows of a slice, in its order. */
  public MetricSums evaluate(float[] values, Slice slice) {
    parameters.point(values);
    int[] order = IntStream.range(0, slice.size()).toArray();
    MetricSums sums = new MetricSums(0, 0, 0);
    for (int from = 0; from < order.length; from += BATCH) {
      Captured plan = planFor(slice, Math.min(BATCH, order.length - from));
      plan.input.fill(slice, order, from);
      plan.plan.run();
      sums = sums.plus(MetricSums.read(plan.metrics.array(), plan.metrics.offset()));
    }
    return sums;
  }

  /** Sums over all rows of a slice wherever it is kept, in its order. */
  public MetricSums evaluate(float[] values, StoredSlice slice) {
    if (slice instanceof Slice inMemory) {
      return evaluate(values, inMemory);
    }
    MetricSums sums = new MetricSums(0, 0, 0);
    for (int from = 0; from < slice.size(); from += BATCH) {
      int rows = Math.min(BATCH, slice.size() - from);
      sums = sums.plus(evaluate(values, ((SpilledSlice) slice).block(from, rows)));
    }
    return sums;
  }

  private Captured planFor(Slice slice, int rows) {
    if (captured[rows] == null) {
      BatchInput input = new BatchInput(slice.format(), rows);
      Tensor output = config.model().eval().forward(input.features());
      config.model().train();
      Tensor losses = config.loss().perSample(output, input.target(), input.weights());
      Tensor metrics = SampleMetrics.of(losses, output, input, config.loss());
      captured[rows] = new Captured(input, Plan.of(List.of(metrics)), metrics);
    }
    return captured[rows];
  }
}
