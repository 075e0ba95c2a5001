package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Slice;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.Dropout;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Layers that differ from step to step, in captured steps: dropout and batch normalisation. */
class StepContextTest {
  private static final long SEED = 5;
  private static final int BATCH = 16;

  private static TrainingConfig config(int replicas) {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(16, 12),
            new BatchNorm1d(12),
            new ReLU(),
            new Dropout(0.3),
            new Linear(12, ToyData.CLASSES));
    return ToyData.config(model, BATCH, replicas);
  }

  private static LocalTrainer trainer(TrainingConfig config, int rows) {
    System.out.println("seed " + SEED);
    int replicas = config.replicas();
    return new LocalTrainer(
        config, ToyData.slices(rows, replicas, SEED), ToyData.slices(200, replicas, SEED + 1));
  }

  /** Masks depend on the replica and the step, not on the worker or what it computed before. */
  @Test
  void anySplitOfTheReplicasGivesTheSameSums() {
    int replicas = 6;
    TrainingConfig config = config(replicas);
    List<Slice> slices = ToyData.slices(101, replicas, SEED);
    float[] values = FlatParameters.initialize(config.model(), 3);
    float[] whole = NodeSums.of(config, slices, values, 1).root();
    for (int workers = 2; workers <= replicas; workers++) {
      assertThat(NodeSums.of(config, slices, values, workers).root())
          .as("%d workers", workers)
          .containsExactly(whole);
    }
  }

  /** As after batches of 16: the same as moving the statistics by hand, in evaluation's words. */
  @Test
  void runningStatisticsFollowTheMeanOverTheReplicas() {
    TrainingConfig config = config(2);
    LocalTrainer trainer = trainer(config, BATCH);
    trainer.step();
    Map<String, Tensor> state = FlatParameters.stateDict(config.layout(), trainer.values());

    Sequential model = (Sequential) config.model();
    float[] initial = FlatParameters.initialize(model, config.seed());
    new FlatParameters(model).point(initial);
    Tensor mean = Tensor.zeros(12);
    Tensor variance = Tensor.zeros(12);
    for (Slice slice : ToyData.slices(BATCH, 2, SEED)) {
      BatchInput input = new BatchInput(ToyData.FORMAT, slice.size());
      input.fill(slice, IntStream.range(0, slice.size()).toArray(), 0);
      Tensor hidden = model.layers().get(1).forward(input.features().flatten(1));
      mean = mean.add(hidden.mean(0).mul(0.5));
      variance = variance.add(hidden.variance(0).mul(0.5));
    }
    assertClose(state.get("2.running_mean"), mean.mul(0.1));
    assertClose(state.get("2.running_var"), variance.mul(0.1).add(0.9));
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.toArray()).containsExactly(expected.toArray(), Offset.offset(1e-5f));
  }

  @Test
  void evaluationIsNotRandomAndUsesTheRunningStatistics() {
    LocalTrainer trainer = trainer(config(4), 1000);
    trainer.fit();
    assertThat(trainer.evaluate()).isEqualTo(trainer.evaluate());
    assertThat(trainer.evaluate().accuracy()).isGreaterThan(0.9);
  }

  @Test
  void sameSeedSameBits() {
    LocalTrainer first = trainer(config(3), 103);
    LocalTrainer second = trainer(config(3), 103);
    first.fit();
    second.fit();
    assertThat(first.values()).containsExactly(second.values());
  }
}
