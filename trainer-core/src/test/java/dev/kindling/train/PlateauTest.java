package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A schedule that watches a metric, in the one-process trainer. */
class PlateauTest {
  private static final long SEED = 8;

  private static float[] train(Schedule schedule) {
    TrainingConfig toy = ToyData.config(16, 2);
    TrainingConfig config =
        new TrainingConfig(
            toy.model(), new CrossEntropyLoss(), new Adam(0.01), schedule, 16, 4, 2, SEED);
    LocalTrainer trainer =
        new LocalTrainer(config, ToyData.slices(90, 2, SEED), ToyData.slices(40, 2, SEED + 1));
    trainer.fit();
    return trainer.values();
  }

  /**
   * Nothing is better by a thousandth of the loss being left, so the rate falls after epochs 2 and
   * 3.
   */
  @ParameterizedTest
  @ValueSource(strings = {"test_loss", "train_loss"})
  void theRateFallsWhenNothingIsBetter(String metric) {
    Spec watching =
        Spec.of("ReduceLROnPlateau", "metric", metric, "factor", 0.5, "patience", 0)
            .with("threshold", 0.999, null);
    Spec known =
        Spec.of("MultiStepLR", "milestones", List.of("2 epochs", "3 epochs"), "gamma", 0.5);
    assertThat(train(Schedule.of(watching))).containsExactly(train(Schedule.of(known)));
  }

  @Test
  void withPatienceItStays() {
    Spec patient = Spec.of("ReduceLROnPlateau", "patience", 100);
    assertThat(train(Schedule.of(patient))).containsExactly(train(new Schedule.Constant()));
  }
}
