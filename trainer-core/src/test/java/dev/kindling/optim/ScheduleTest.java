package dev.kindling.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
  private static final Map<String, Object> COSINE = Map.of("type", "CosineAnnealingLR", "t_max", 4);
  private static final Map<String, Object> RAMP =
      Map.of("type", "LinearWarmup", "duration", 4, "start_factor", 0.25);

  /** A schedule and PyTorch 2.13.0's rates for a base rate of 1, one call of step() a step. */
  record Case(Schedule schedule, double... pytorch) {
    static Case of(Spec spec, double... pytorch) {
      return new Case(Schedule.of(spec), pytorch);
    }

    @Override
    public String toString() {
      return schedule.toString();
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        Case.of(Spec.of("Constant"), 1, 1, 1),
        Case.of(
            Spec.of("StepLR", "step_size", 3, "gamma", 0.5), 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25),
        Case.of(
            Spec.of("MultiStepLR", "milestones", List.of(2, 5)),
            1,
            1,
            0.1,
            0.1,
            0.1,
            0.01,
            0.01,
            0.01),
        Case.of(Spec.of("ExponentialLR", "gamma", 0.9), 1, 0.9, 0.81, 0.729, 0.6561),
        Case.of(
            Spec.of("CosineAnnealingLR", "t_max", 4, "min_factor", 0.1),
            1,
            0.868198051534,
            0.55,
            0.231801948466,
            0.1),
        Case.of(
            Spec.of("CosineAnnealingWarmRestarts", "t_0", 3, "t_mult", 2, "min_factor", 0.1),
            1,
            0.775,
            0.325,
            1,
            0.939711431703,
            0.775,
            0.55,
            0.325,
            0.160288568297,
            1,
            0.98466662183,
            0.939711431703),
        Case.of(Spec.of("CosineAnnealingWarmRestarts", "t_0", 3), 1, 0.75, 0.25, 1, 0.75, 0.25, 1),
        Case.of(
            Spec.of("PolynomialLR", "total_iters", 5, "power", 2),
            1,
            0.64,
            0.36,
            0.16,
            0.04,
            0,
            0,
            0),
        Case.of(
            Spec.of("OneCycleLR", "total_steps", 10),
            0.04,
            0.52,
            1,
            0.950484632013,
            0.81174565395,
            0.611262021936,
            0.388741978064,
            0.18825834605,
            0.0495193679865,
            4e-06),
        Case.of(
            Spec.of(
                "OneCycleLR",
                "total_steps",
                10,
                "anneal_strategy",
                "linear",
                "pct_start",
                0.4,
                "div_factor",
                10,
                "final_div_factor",
                100),
            0.1,
            0.4,
            0.7,
            1,
            0.8335,
            0.667,
            0.5005,
            0.334,
            0.1675,
            0.001),
        Case.of(
            Spec.of("OneCycleLR", "total_steps", 11, "three_phase", true),
            0.04,
            0.422341113735,
            0.960261424723,
            0.796806554615,
            0.192374491255,
            0.0394609513219,
            0.0337254602741,
            0.023474616257,
            0.0120811968387,
            0.00329391474736,
            4e-06),
        Case.of(
            Spec.of("LinearWarmup", "duration", 4, "start_factor", 0.25),
            0.25,
            0.4375,
            0.625,
            0.8125,
            1,
            1,
            1),
        Case.of(
            Spec.of(
                "ChainedScheduler",
                "schedulers",
                List.of(RAMP, Map.of("type", "ExponentialLR", "gamma", 0.9))),
            0.25,
            0.39375,
            0.50625,
            0.5923125,
            0.6561,
            0.59049,
            0.531441),
        Case.of(
            Spec.of("SequentialLR", "schedulers", List.of(RAMP, COSINE), "milestones", List.of(4)),
            0.25,
            0.4375,
            0.625,
            0.8125,
            1,
            0.853553390593,
            0.5,
            0.146446609407,
            0),
        Case.of(Spec.of("ReduceLROnPlateau"), 1, 1));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesPyTorchsRates(Case rates) {
    for (int step = 0; step < rates.pytorch().length; step++) {
      assertThat(rates.schedule().factor(step, 1000))
          .as("step %d", step)
          .isCloseTo(rates.pytorch()[step], within(1e-11));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isReadBackFromItsWrittenForm(Case rates) {
    assertThat(Schedule.of(rates.schedule().toSpec())).isEqualTo(rates.schedule());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void staysFiniteAndWithinTheBaseRateForLong(Case rates) {
    for (long step = 0; step < 3000; step += 7) {
      assertThat(rates.schedule().factor(step, 10)).isBetween(0.0, 1.0);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesAnUnknownArgument(Case rates) {
    Spec spec = new Spec(rates.schedule().toSpec().type(), Map.of("gama", 1));
    assertThatThrownBy(() -> Schedule.of(spec))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(spec.type() + ": unknown argument 'gama'");
  }

  @Test
  void everyTypeHasACase() {
    assertThat(cases().map(c -> c.schedule().toSpec().type()).distinct())
        .containsExactlyInAnyOrderElementsOf(Schedule.TYPES);
  }

  @Test
  void epochsAreAsManyStepsAsTheDataHave() {
    Schedule stairs = Schedule.of(Spec.of("StepLR", "step_size", "5 epochs", "gamma", 0.5));
    assertThat(stairs.factor(5 * 938 - 1, 938)).isEqualTo(1);
    assertThat(stairs.factor(5 * 938, 938)).isEqualTo(0.5);
    assertThat(stairs.factor(499, 50)).isEqualTo(0.5);
    Schedule half =
        Schedule.of(Spec.of("MultiStepLR", "milestones", List.of("0.5 epochs", "20 steps")));
    assertThat(half.factor(4, 10)).isEqualTo(1);
    assertThat(half.factor(5, 10)).isEqualTo(0.1);
    assertThat(half.factor(20, 10)).isCloseTo(0.01, within(1e-15));
    Schedule epochly = Schedule.of(Spec.of("ExponentialLR", "gamma", 0.5, "every", "1 epoch"));
    assertThat(epochly.factor(30, 10)).isEqualTo(0.125);
  }

  /** Goyal et al.: five epochs from eta to k eta, then a tenth at 30, 60 and 80 epochs. */
  @Test
  void warmUpLeavesTheMilestonesWhereTheyAre() {
    Schedule schedule =
        Schedule.of(
            Spec.of(
                "LinearWarmup",
                "duration",
                "5 epochs",
                "start_factor",
                1 / 32.0,
                "after",
                Map.of(
                    "type",
                    "MultiStepLR",
                    "milestones",
                    List.of("30 epochs", "60 epochs", "80 epochs"))));
    int epoch = 156;
    assertThat(schedule.factor(0, epoch)).isEqualTo(1 / 32.0);
    assertThat(schedule.factor(5 * epoch / 2, epoch)).isCloseTo((1 + 1 / 32.0) / 2, within(1e-12));
    assertThat(schedule.factor(5 * epoch, epoch)).isEqualTo(1);
    assertThat(schedule.factor(30 * epoch - 1, epoch)).isEqualTo(1);
    assertThat(schedule.factor(30 * epoch, epoch)).isEqualTo(0.1);
    assertThat(schedule.factor(80 * epoch, epoch)).isCloseTo(0.001, within(1e-15));
    assertThat(Schedule.of(schedule.toSpec())).isEqualTo(schedule);
  }

  @Test
  void warmUpEndsWhereTheCurveStands() {
    Schedule schedule =
        new LinearWarmup(Span.steps(10), 0.1, new CosineAnnealingLR(Span.steps(40), 0));
    double there = new CosineAnnealingLR(Span.steps(40), 0).factor(10, 1);
    assertThat(schedule.factor(0, 1)).isCloseTo(0.1 * there, within(1e-12));
    assertThat(schedule.factor(10, 1)).isEqualTo(there);
    assertThat(schedule.factor(9, 1)).isLessThan(there);
  }

  @Test
  void saysWhatCannotBeRead() {
    assertThatThrownBy(() -> Schedule.of(Spec.of("StepLr")))
        .hasMessageContaining("schedule: unknown type 'StepLr'; did you mean 'StepLR'?");
    assertThatThrownBy(() -> Schedule.of(Spec.of("StepLR")))
        .hasMessage("StepLR: argument 'step_size' is missing");
    assertThatThrownBy(() -> Schedule.of(Spec.of("StepLR", "step_size", "5 weeks")))
        .hasMessage(
            "StepLR: argument 'step_size' is 5 weeks; it must be a number of steps or epochs,"
                + " e.g. 500 or 2 epochs");
    assertThatThrownBy(() -> Schedule.of(Spec.of("StepLR", "step_size", 0)))
        .hasMessage("StepLR: step_size is 0 steps; it must be longer than zero");
    assertThatThrownBy(() -> Schedule.of(Spec.of("LinearWarmup", "duration", 5, "after", "StepLR")))
        .hasMessageContaining("'after' is StepLR; it must be a schedule, e.g. {type: StepLR");
    assertThatThrownBy(() -> Schedule.of(Spec.of("ChainedScheduler", "schedulers", List.of())))
        .hasMessage("ChainedScheduler: schedulers is empty; write at least one");
    assertThatThrownBy(
            () -> Schedule.of(Spec.of("OneCycleLR", "total_steps", 5, "anneal_strategy", "cosine")))
        .hasMessageContaining("unknown anneal_strategy 'cosine'; did you mean 'cos'?");
  }
}
