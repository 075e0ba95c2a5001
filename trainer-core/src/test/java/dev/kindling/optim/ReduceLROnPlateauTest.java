package dev.kindling.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.optim.ReduceLROnPlateau.State;
import dev.kindling.spec.Spec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The expected factors are what PyTorch 2.13.0 makes of a rate of 1 after each of the values. */
class ReduceLROnPlateauTest {
  private static final double[] VALUES = {
    1, 0.9, 0.9, 0.89995, 0.95, 0.9, 0.91, 0.92, 0.93, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, Double.NaN, 0.6
  };

  private static ReduceLROnPlateau read(Object... arguments) {
    return (ReduceLROnPlateau) Schedule.of(Spec.of("ReduceLROnPlateau", arguments));
  }

  private static void expect(ReduceLROnPlateau plateau, double... factors) {
    State state = plateau.start();
    for (int i = 0; i < VALUES.length; i++) {
      // As if every epoch were followed by a resume from its checkpoint.
      state = State.of(plateau.next(state, VALUES[i]).toArray());
      assertThat(state.factor()).as("value %d", i).isCloseTo(factors[i], within(1e-12));
    }
  }

  @Test
  void fallsAfterThePatienceIsOver() {
    expect(
        read("factor", 0.5, "patience", 2),
        1,
        1,
        1,
        1,
        0.5,
        0.5,
        0.5,
        0.25,
        0.25,
        0.25,
        0.25,
        0.25,
        0.125,
        0.125,
        0.125,
        0.0625,
        0.0625);
  }

  @Test
  void cooldownAndTheSmallestFactor() {
    expect(
        read("factor", 0.5, "patience", 1, "cooldown", 2, "min_factor", 0.2),
        1,
        1,
        1,
        0.5,
        0.5,
        0.5,
        0.5,
        0.25,
        0.25,
        0.25,
        0.25,
        0.2,
        0.2,
        0.2,
        0.2,
        0.2,
        0.2);
  }

  @Test
  void largeValuesAreGoodInModeMax() {
    expect(
        read("mode", "max", "patience", 1, "threshold", 0.01, "threshold_mode", "abs"),
        1,
        1,
        0.1,
        0.1,
        1e-2,
        1e-2,
        1e-3,
        1e-3,
        1e-4,
        1e-4,
        1e-5,
        1e-5,
        1e-6,
        1e-6,
        1e-7,
        1e-7,
        1e-8);
  }

  @Test
  void isFoundInsideOfOtherSchedules() {
    Map<String, Object> plateau = Map.of("type", "ReduceLROnPlateau", "patience", 3);
    Schedule warm = Schedule.of(Spec.of("LinearWarmup", "duration", 5, "after", plateau));
    assertThat(warm.plateau()).contains(read("patience", 3));
    assertThat(new Schedule.Constant().plateau()).isEmpty();
    assertThatThrownBy(
            () -> Schedule.of(Spec.of("ChainedScheduler", "schedulers", List.of(plateau, plateau))))
        .hasMessage("ChainedScheduler: more than one ReduceLROnPlateau in schedulers; keep one");
  }

  @Test
  void refusesAnUnknownMetric() {
    assertThatThrownBy(() -> read("metric", "test_los"))
        .hasMessageContaining("unknown metric 'test_los'; did you mean 'test_loss'?");
    assertThatThrownBy(() -> read("mode", "low")).hasMessageContaining("unknown mode 'low'");
  }
}
