package dev.kindling.federated;

import dev.kindling.data.EpochOrder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.train.BatchGradient;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.MetricSums;
import dev.kindling.train.VectorMemory;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Trains one client after the other, each for a round: from the server's parameters, E epochs over
 * its rows. Not thread-safe; one for each thread.
 */
public final class ClientTrainer {
  private final FederatedConfig config;
  private final BatchGradient gradients;
  private final FlatUpdate rule;
  private final GradientNorms norms;
  private final Update update = new Update();
  private final float[] sums;
  private final int parameters;
  private float[] current;
  private float[] next;

  /** Prepares for clients whose rows have this format. */
  public ClientTrainer(FederatedConfig config, RowFormat format) {
    VectorMemory.of(config.layout())
        .with("parameters", 3) // as the round began, and two versions
        .with("the optimizer's", config.optimizer().stateNames().size())
        .with("gradients", 2) // one of them while a step is captured
        .require();
    this.config = config;
    gradients =
        new BatchGradient(
            config.model(), config.loss(), format, config.local().microBatch(), config.seed());
    FlatLayout layout = gradients.layout();
    rule = new FlatUpdate(layout, config.optimizer(), new Schedule.Constant(), Long.MAX_VALUE);
    norms = new GradientNorms(layout);
    int length = Math.toIntExact(layout.length());
    parameters = Math.toIntExact(layout.parameters());
    sums = new float[length];
    current = new float[length];
    next = new float[length];
    update.state = new float[config.optimizer().stateNames().size()][length];
  }

  /**
   * One client's round.
   *
   * @param client its number
   * @param slice its rows, at least one
   * @param began the server's flat vector
   * @param correction of SCAFFOLD; null without
   * @param isTooLate asked before each step and after the last; true ends the round without an
   *     answer
   * @return the client's update; empty when it was too late
   * @throws ArithmeticException when the update is not finite
   */
  public Optional<UpdateSum> train(
      int round,
      int client,
      Slice slice,
      float[] began,
      Correction correction,
      BooleanSupplier isTooLate) {
    begin(round, began);
    EpochOrder orders = new EpochOrder(config.seed(), client, slice.size());
    int batch = config.local().batchSize(slice.size());
    int epochs = config.local().epochs();
    long perEpoch = (long) gradients.microBatches(batch) * ((slice.size() + batch - 1) / batch);
    for (int e = 0; e < epochs; e++) {
      int epoch = round * epochs + e;
      int[] order = orders.at(epoch);
      for (int from = 0; from < order.length; from += batch) {
        if (isTooLate.getAsBoolean()) {
          return Optional.empty();
        }
        int count = Math.min(batch, order.length - from);
        long index = epoch * perEpoch + (long) from / batch * gradients.microBatches(batch);
        step(
            gradients.compute(current, slice, order, from, count, index, client, sums),
            began,
            correction);
      }
    }
    if (isTooLate.getAsBoolean()) {
      return Optional.empty();
    }
    return Optional.of(result(client, slice.size(), began, correction));
  }

  private void begin(int round, float[] began) {
    System.arraycopy(began, 0, current, 0, began.length);
    for (float[] vector : update.state) {
      Arrays.fill(vector, 0);
    }
    update.observedFactor = config.schedule().factor(round, 1);
    update.step = 0;
  }

  private void step(double weight, float[] began, Correction correction) {
    if (config.algorithm().mu() != 0) {
      pullBack(weight * config.algorithm().mu(), began);
    }
    if (correction != null) {
      correction.addTo(sums, weight);
    }
    update.current = current;
    update.next = next;
    update.gradient = sums;
    update.gradientScale = Update.scale(weight);
    update.from = 0;
    update.to = sums.length;
    update.gradientFrom = 0;
    if (rule.measurements().isEmpty()) {
      rule.apply(update, 0);
    } else {
      rule.applyWhole(update, norms);
    }
    update.step++;
    float[] done = current;
    current = next;
    next = done;
  }

  /** The gradient of {@code mu / 2 * |w - w0|^2}. */
  private void pullBack(double strength, float[] began) {
    float scale = (float) strength;
    for (int i = 0; i < parameters; i++) {
      sums[i] += scale * (current[i] - began[i]);
    }
  }

  private UpdateSum result(int client, int rows, float[] began, Correction correction) {
    MetricSums metrics = MetricSums.read(current, metricsOffset());
    SortedMap<Integer, float[]> controls = Collections.emptySortedMap();
    if (correction != null) {
      controls = new TreeMap<>();
      controls.put(client, finite(correction.next(began, current, (int) update.step, lr())));
    }
    float[] delta = new float[current.length];
    for (int i = 0; i < metricsOffset(); i++) {
      delta[i] = current[i] - began[i];
    }
    int[] answered = {client};
    if (config.privacy() != null) {
      config.privacy().clip(delta, parameters);
      return new UpdateSum(finite(delta), 1, new MetricSums(0, 0, 0), controls, answered);
    }
    for (int i = 0; i < delta.length; i++) {
      delta[i] *= rows;
    }
    return new UpdateSum(finite(delta), rows, metrics, controls, answered);
  }

  private static float[] finite(float[] vector) {
    float sum = 0;
    for (float element : vector) {
      sum += element * 0; // NaN and infinity stay
    }
    if (sum != 0) {
      throw new ArithmeticException(
          "its update is not finite; lower optimizer.lr or look at its rows");
    }
    return vector;
  }

  private double lr() {
    return config.optimizer().lr() * update.observedFactor;
  }

  private int metricsOffset() {
    return Math.toIntExact(rule.layout().metricsOffset());
  }
}
