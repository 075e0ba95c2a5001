package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.Slice;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import dev.kindling.train.RangeTest.Point;
import dev.kindling.train.RangeTest.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeTestTest {
  private static final long SEED = 5;
  private static final List<Slice> ROWS = ToyData.slices(400, 2, SEED);

  private static TrainingConfig sgd() {
    TrainingConfig toy = ToyData.config(20, 2);
    return new TrainingConfig(
        toy.model(),
        toy.loss(),
        Optimizer.of(Spec.of("SGD", "lr", 0.3)),
        Schedule.of(Spec.of("StepLR", "step_size", "1 steps", "gamma", 0.5)),
        20,
        1,
        2,
        7);
  }

  @Test
  void endsWhereTheLossDivergesAndSuggestsARateThatTrains() {
    System.out.println("seed " + SEED);
    Result result = new RangeTest(1e-4, 1e4, 120).run(sgd(), ROWS);
    assertThat(result.diverged()).isTrue();
    assertThat(result.points()).hasSizeBetween(20, 119);
    assertThat(result.points()).allMatch(point -> Double.isFinite(point.loss()));
    double last = result.points().get(result.points().size() - 1).lr();
    assertThat(result.suggestion().orElseThrow()).isBetween(1e-3, last / 2);
  }

  /** Four epochs of ten steps each in turn: what the sums of an epoch restart changes no loss. */
  @Test
  void theLossesAreThoseOfTheBatchesAndTheRatesRiseEvenly() {
    Result result = new RangeTest(1e-12, 1e-10, 41).run(sgd(), ToyData.slices(200, 2, SEED));
    assertThat(result.diverged()).isFalse();
    assertThat(result.points()).hasSize(41);
    assertThat(result.points().get(0).lr()).isEqualTo(1e-12);
    assertThat(result.points().get(20).lr()).isCloseTo(1e-11, within(1e-20));
    assertThat(result.points().get(40).lr()).isCloseTo(1e-10, within(1e-20));
    double first = epochMean(result, 0);
    for (int epoch = 1; epoch < 4; epoch++) { // nothing is learned at such rates
      assertThat(epochMean(result, epoch)).isCloseTo(first, within(1e-4));
    }
  }

  private static double epochMean(Result result, int epoch) {
    return result.points().subList(epoch * 10, epoch * 10 + 10).stream()
        .mapToDouble(Point::loss)
        .average()
        .orElseThrow();
  }

  @Test
  void theSuggestionIsWhereTheSmoothedLossFallsMost() {
    double[] losses = {5, 4.9, 4.5, 3, 2.9, 2.9, 9, 6, 3};
    List<Point> points = new java.util.ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      points.add(new Point(StrictMath.pow(10, i - 6), losses[i], losses[i]));
    }
    assertThat(new Result(points, true).suggestion()).hasValue(1e-4);
    assertThat(new Result(points.subList(5, 9), true).suggestion()).isEmpty();
  }

  @Test
  void aScheduleThatWatchesAMetricIsLeftAside() {
    TrainingConfig toy = sgd();
    Schedule plateau = Schedule.of(Spec.of("ReduceLROnPlateau"));
    assertThat(plateau).isInstanceOf(ReduceLROnPlateau.class);
    TrainingConfig watching =
        new TrainingConfig(toy.model(), toy.loss(), toy.optimizer(), plateau, 20, 1, 2, 7);
    RangeTest test = new RangeTest(1e-4, 1e-2, 30);
    assertThat(test.run(watching, ROWS)).isEqualTo(test.run(toy, ROWS));
  }

  @Test
  void refusesARangeThatDoesNotRise() {
    assertThatThrownBy(() -> new RangeTest(0.1, 0.1, 10)).hasMessageContaining("from 0.1 to 0.1");
    assertThatThrownBy(() -> new RangeTest(0, 1, 10)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new RangeTest(0.1, 1, 2)).hasMessageContaining("2 steps");
  }
}
