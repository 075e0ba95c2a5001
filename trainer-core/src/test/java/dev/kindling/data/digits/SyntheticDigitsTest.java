package dev.kindling.data.digits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticDigitsTest {
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);

  /** Recorded from the first version; the embedded data of every release must keep its bits. */
  @Test
  void theBitsArePinned() {
    assertThat(hash(SyntheticDigits.train(PIXELS))).isEqualTo(-7203269012966389292L);
    assertThat(hash(SyntheticDigits.test(PIXELS))).isEqualTo(-9212496889693261910L);
  }

  private static long hash(Dataset data) {
    long hash = 0;
    for (int i = 0; i < data.size(); i += 4) {
      hash = new RowOrder(hash).hash(data.row(i));
    }
    return hash;
  }

  @Test
  void anyRangeCanBeDrawnAlone() {
    SyntheticDigits all = new SyntheticDigits(3, 0, 100, PIXELS);
    SyntheticDigits part = all.range(40, 60).range(5, 10);
    assertThat(part.size()).isEqualTo(5);
    for (int i = 0; i < 5; i++) {
      assertThat(part.row(i)).isEqualTo(all.row(45 + i));
    }
    assertThat(new SyntheticDigits(4, 0, 1, PIXELS).row(0)).isNotEqualTo(all.row(0));
  }

  @Test
  void theHeldOutPartFollowsTheTrainingPart() {
    SyntheticDigits train = SyntheticDigits.train(PIXELS);
    assertThat(train.range(train.size(), train.size() + 1).row(0))
        .isEqualTo(SyntheticDigits.test(PIXELS).row(0));
  }

  @Test
  void everyDigitComesUpAboutAsOftenAndLeavesInk() {
    SyntheticDigits digits = new SyntheticDigits(1, 0, 2000, PIXELS);
    int[] counts = new int[10];
    for (int i = 0; i < digits.size(); i++) {
      byte[] row = digits.row(i);
      counts[row[784]]++;
      long dark = IntStream.range(0, 784).filter(p -> (row[p] & 0xff) > 128).count();
      assertThat(dark).as("image %d", i).isBetween(12L, 300L);
    }
    assertThat(counts)
        .satisfies(c -> IntStream.of(c).forEach(n -> assertThat(n).isBetween(150, 250)));
  }

  @Test
  void aLinearClassifierStaysBelow92Percent() {
    Sequential model = new Sequential(new Flatten(), new Linear(784, 10));
    assertThat(testAccuracy(model, 5)).isBetween(0.8, 0.92);
  }

  @Test
  void twoHiddenLayersGetAbove97Percent() {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(784, 128),
            new ReLU(),
            new Linear(128, 64),
            new ReLU(),
            new Linear(64, 10));
    assertThat(testAccuracy(model, 3)).isGreaterThan(0.97);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void whatTravelsInTwoBytesTrainsToWithinHalfAPoint(FloatFormat wire) {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(784, 128),
            new ReLU(),
            new Linear(128, 64),
            new ReLU(),
            new Linear(64, 10));
    double exact = testAccuracy(model, 3, FloatFormat.FLOAT32);
    double rounded = testAccuracy(model, 3, wire);
    System.out.printf("%s: accuracy %.4f, float32 %.4f%n", wire, rounded, exact);
    assertThat(rounded).isGreaterThan(exact - 0.005);
  }

  private static double testAccuracy(Sequential model, int epochs) {
    return testAccuracy(model, epochs, FloatFormat.FLOAT32);
  }

  private static double testAccuracy(Sequential model, int epochs, FloatFormat wire) {
    TrainingConfig config =
        new TrainingConfig(
                model,
                new CrossEntropyLoss(),
                new Adam(1e-3),
                new Schedule.Constant(),
                64,
                epochs,
                2,
                1)
            .over(wire);
    RowOrder order = new RowOrder(1);
    LocalTrainer trainer =
        new LocalTrainer(
            config,
            order.slices(SyntheticDigits.train(PIXELS), 2),
            order.slices(SyntheticDigits.test(PIXELS), 2));
    trainer.fit();
    return trainer.evaluate().accuracy();
  }
}
