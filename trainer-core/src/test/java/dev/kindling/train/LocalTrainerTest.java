package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kindling.data.Slice;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalTrainerTest {
  private static final long SEED = 11;

  private static LocalTrainer trainer(int rows, int batchSize, int replicas) {
    System.out.println("seed " + SEED);
    return new LocalTrainer(
        ToyData.config(batchSize, replicas),
        ToyData.slices(rows, replicas, SEED),
        ToyData.slices(200, replicas, SEED + 1));
  }

  @Test
  void learnsAnEasyTask() {
    LocalTrainer trainer = trainer(1000, 20, 4);
    trainer.fit();
    assertThat(trainer.evaluate().accuracy()).isGreaterThan(0.9);
    assertThat(trainer.steps()).isEqualTo(100);
  }

  @Test
  void metricsCountEverySampleOfTheEpochOnce() {
    LocalTrainer trainer = trainer(103, 10, 3);
    trainer.epoch();
    assertThat(trainer.trainMetrics().count()).isEqualTo(103);
    trainer.epoch();
    assertThat(trainer.trainMetrics().count()).isEqualTo(103);
    assertThat(trainer.evaluate().count()).isEqualTo(200);
  }

  @Test
  void sameSeedSameBits() {
    LocalTrainer first = trainer(103, 10, 3);
    LocalTrainer second = trainer(103, 10, 3);
    first.fit();
    second.fit();
    assertThat(first.values()).containsExactly(second.values());
  }

  @Test
  void replicasWithoutRowsAddNothing() {
    LocalTrainer trainer = trainer(3, 8, 8);
    trainer.fit();
    assertThat(trainer.trainMetrics().count()).isEqualTo(3);
    for (float value : trainer.values()) {
      assertThat(value).isFinite();
    }
  }

  /** What a worker sends for its nodes, completed along the tree, is what one process computes. */
  @Test
  void anySplitOfTheReplicasGivesTheSameSums() {
    int replicas = 6;
    TrainingConfig config = ToyData.config(13, replicas);
    List<Slice> slices = ToyData.slices(101, replicas, SEED);
    float[] values = FlatParameters.initialize(config.model(), 3);
    float[] whole = NodeSums.of(config, slices, values, 1).root();
    for (int workers = 1; workers <= replicas; workers++) {
      assertThat(NodeSums.of(config, slices, values, workers).root())
          .as("%d workers", workers)
          .containsExactly(whole);
    }
  }

  @Test
  void aStepAllocatesNothing() {
    LocalTrainer trainer = trainer(640, 16, 2);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long allocated = Long.MAX_VALUE;
    // Interpreted code allocates what compiled code keeps in registers; a busy machine compiles
    // late.
    for (int round = 0; round < 100 && allocated >= 1000; round++) {
      steps(trainer, 1000);
      long before = threads.getThreadAllocatedBytes(thread);
      steps(trainer, 30);
      allocated = threads.getThreadAllocatedBytes(thread) - before;
    }
    assertThat(allocated).as("bytes in 30 steps").isLessThan(1000);
  }

  private static void steps(LocalTrainer trainer, int count) {
    for (int i = 0; i < count; i++) {
      trainer.step();
    }
  }
}
