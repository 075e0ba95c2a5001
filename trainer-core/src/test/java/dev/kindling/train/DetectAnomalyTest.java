package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.autograd.AnomalyException;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Initializer;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import org.junit.jupiter.api.Test;

/** {@code train.detect_anomaly}: the operation that made NaN or infinity is named. */
class DetectAnomalyTest {
  private static final long SEED = 3;

  /** A second layer whose products are larger than a float can be. */
  private static Module overflowing() {
    return new Sequential(
        new Flatten(),
        new Linear(16, 24).init("weight", new Initializer.Constant(1e20f)),
        new ReLU(),
        new Linear(24, ToyData.CLASSES).init("weight", new Initializer.Constant(1e20f)));
  }

  private static LocalTrainer trainer(TrainingConfig config) {
    return new LocalTrainer(config, ToyData.slices(40, 2, SEED), ToyData.slices(10, 2, SEED));
  }

  private static TrainingConfig config(Module model) {
    return new TrainingConfig(
        model, new CrossEntropyLoss(), new SGD(0.01), new Schedule.Constant(), 8, 1, 2, SEED);
  }

  @Test
  void theFirstOperationThatOverflowsIsNamedWithItsStepReplicaAndShapes() {
    LocalTrainer trainer = trainer(config(overflowing()).detectingAnomalies());
    assertThatThrownBy(trainer::step)
        .isInstanceOf(AnomalyException.class)
        .hasMessageStartingWith("step 0, replica 0: Linear made NaN or infinity: output [4,4]")
        .hasMessageContaining("input 1 [4,24]: from 1.0E20 to 1.0E20");
  }

  @Test
  void withoutItTrainingGoesOn() {
    LocalTrainer trainer = trainer(config(overflowing()));
    trainer.step();
    assertThat(trainer.trainMetrics().count()).isEqualTo(8);
  }

  @Test
  void lookingChangesNoBit() {
    LocalTrainer plain = trainer(ToyData.config(8, 2));
    LocalTrainer looking = trainer(ToyData.config(8, 2).detectingAnomalies());
    plain.fit();
    looking.fit();
    assertThat(looking.values()).containsExactly(plain.values());
  }
}
