package dev.kindling.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final long SEED = 3;
  private static final int LENGTH = 197;

  static Stream<OptimizerCase> cases() {
    return OptimizerCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesWhatPyTorchGivesAfterFiveSteps(OptimizerCase rule) {
    float[] start = {0.5f, -1.25f, 2.0f, 0.03f};
    Trial trial = new Trial(rule.optimizer(), start);
    for (int t = 0; t < 5; t++) {
      float[] gradient = new float[4];
      for (int i = 0; i < 4; i++) {
        gradient[i] = ((t * 7 + i * 3) % 11 - 5) / 8f;
      }
      trial.step(gradient, 0);
    }
    for (int i = 0; i < 4; i++) {
      assertThat((double) trial.values()[i]).isCloseTo(rule.pytorch()[i], within(1e-6));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void followsItsFormulaOverManySteps(OptimizerCase rule) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] start = Reference.gaussian(random, LENGTH);
    Trial trial = new Trial(rule.optimizer(), start);
    double[] expected = new double[LENGTH];
    double[][] state = new double[LENGTH][4];
    for (int i = 0; i < LENGTH; i++) {
      expected[i] = start[i];
    }
    for (int t = 1; t <= 500; t++) {
      float[] gradient = Reference.gaussian(random, LENGTH);
      trial.step(gradient, 0);
      for (int i = 0; i < LENGTH; i++) {
        expected[i] = rule.formula().step(t, expected[i], gradient[i], state[i]);
      }
    }
    for (int i = 0; i < LENGTH; i++) {
      assertThat((double) trial.values()[i])
          .as("seed %d, element %d", SEED, i)
          .isCloseTo(expected[i], within(1e-4 * (1 + Math.abs(expected[i]))));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void meansThatNoGradientFeedsNeverGetSubnormal(OptimizerCase rule) {
    Trial trial = new Trial(rule.optimizer(), new float[] {0, 0.1f});
    trial.step(new float[] {1, -0.5f}, 0);
    for (int t = 0; t < 100_000; t++) {
      trial.step(new float[2], 0);
    }
    for (float[] mean : trial.update.state) {
      for (float element : mean) {
        assertThat(element == 0 || Math.abs(element) >= Float.MIN_NORMAL)
            .as("%s in the state", element)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anyCutIntoRangesAndAnyPlaceOfTheGradientGivesTheSameBits(OptimizerCase rule) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] start = Reference.gaussian(random, LENGTH);
    Trial whole = new Trial(rule.optimizer(), start);
    Trial cut = new Trial(rule.optimizer(), start);
    Trial shifted = new Trial(rule.optimizer(), start);
    for (int t = 0; t < 20; t++) {
      float[] gradient = Reference.gaussian(random, LENGTH);
      float[] moved = new float[LENGTH + 33];
      System.arraycopy(gradient, 0, moved, 33, LENGTH);
      whole.step(gradient, 0);
      cut.step(gradient, 0, 1, 16, 47, 48, 150);
      shifted.step(moved, 33, 5, 100);
    }
    assertThat(cut.values()).containsExactly(whole.values());
    assertThat(shifted.values()).containsExactly(whole.values());
    assertThat(cut.update.state).isDeepEqualTo(whole.update.state);
    assertThat(shifted.update.state).isDeepEqualTo(whole.update.state);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void inPlaceGivesTheSameBits(OptimizerCase rule) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] start = Reference.gaussian(random, LENGTH);
    Trial two = new Trial(rule.optimizer(), start);
    Trial one = new Trial(rule.optimizer(), start);
    one.update.next = one.update.current;
    for (int t = 0; t < 5; t++) {
      float[] gradient = Reference.gaussian(random, LENGTH);
      two.step(gradient, 0);
      one.step(gradient, 0);
    }
    assertThat(one.values()).containsExactly(two.values());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theScaleTurnsASumIntoAMean(OptimizerCase rule) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] start = Reference.gaussian(random, LENGTH);
    Trial mean = new Trial(rule.optimizer(), start);
    Trial sum = new Trial(rule.optimizer(), start);
    sum.update.gradientScale = 1 / 64f;
    for (int t = 0; t < 5; t++) {
      float[] gradient = Reference.gaussian(random, LENGTH);
      float[] sums = gradient.clone();
      for (int i = 0; i < LENGTH; i++) {
        sums[i] *= 64;
      }
      mean.step(gradient, 0);
      sum.step(sums, 0);
    }
    assertThat(sum.values()).containsExactly(mean.values());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isReadBackFromItsWrittenForm(OptimizerCase rule) {
    assertThat(Optimizer.of(rule.optimizer().toSpec())).isEqualTo(rule.optimizer());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesAnUnknownArgument(OptimizerCase rule) {
    String type = rule.optimizer().toSpec().type();
    assertThatThrownBy(() -> Optimizer.of(Spec.of(type, "weight_decy", 0.1)))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(
            type + ": unknown argument 'weight_decy'; did you mean 'weight_decay'?");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesANegativeRate(OptimizerCase rule) {
    String type = rule.optimizer().toSpec().type();
    assertThatThrownBy(() -> Optimizer.of(Spec.of(type, "lr", -0.1)))
        .hasMessage(type + ": lr is -0.1; it must be a finite number, zero or more");
    assertThatThrownBy(() -> Optimizer.of(Spec.of(type, "lr", Double.NaN)))
        .hasMessageContaining("lr is NaN");
  }

  @Test
  void everyTypeHasACase() {
    assertThat(cases().map(c -> c.optimizer().toSpec().type()).distinct())
        .containsExactlyInAnyOrderElementsOf(Optimizer.TYPES);
  }

  @Test
  void refusesAnUnknownType() {
    assertThatThrownBy(() -> Optimizer.of(Spec.of("adam")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("optimizer: unknown type 'adam'; did you mean 'Adam'?");
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatThrownBy(() -> new SGD(0.1, 0, 0, 0, true))
        .hasMessage("SGD: nesterov needs momentum > 0 and dampening = 0; they are 0.0 and 0.0");
    assertThatThrownBy(() -> Optimizer.of(Spec.of("Adam", "betas", List.of(0.9, 1))))
        .hasMessage("Adam: betas[1] is 1.0; it must be in [0, 1)");
    assertThatThrownBy(() -> Optimizer.of(Spec.of("Adam", "betas", List.of(0.9))))
        .hasMessageContaining("'betas' is [0.9]; it must be two numbers, e.g. [0.9, 0.999]");
    assertThatThrownBy(() -> Optimizer.of(Spec.of("SGD", "lr", "fast")))
        .hasMessage("SGD: argument 'lr' is fast; it must be a number");
  }

  @Test
  void stateHasPyTorchsNames() {
    assertThat(new SGD(0.1).stateNames()).isEmpty();
    assertThat(new SGD(0.1, 0.9).stateNames()).containsExactly("momentum_buffer");
    assertThat(Optimizer.of(Spec.of("AdamW", "amsgrad", true)).stateNames())
        .containsExactly("exp_avg", "exp_avg_sq", "max_exp_avg_sq");
    assertThat(new Adagrad(0.1).stateNames()).containsExactly("sum");
    assertThat(new Adadelta(1).stateNames()).containsExactly("square_avg", "acc_delta");
    assertThat(Optimizer.of(Spec.of("RMSprop", "momentum", 0.9, "centered", true)).stateNames())
        .containsExactly("square_avg", "momentum_buffer", "grad_avg");
  }

  @Test
  void aShiftedGradientNeedsASecondArray() {
    Trial trial = new Trial(new SGD(0.1), new float[4]);
    trial.update.next = trial.update.current;
    assertThatThrownBy(() -> trial.step(new float[8], 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pass two arrays of values");
  }

  /** Momentum with the rate inside of the buffer, corrected as Goyal et al. do, is this SGD. */
  @Test
  void momentumIsTheCorrectedFormWhenTheRateChanges() {
    Trial trial = new Trial(new SGD(0.1, 0.9), new float[] {1});
    double p = 1;
    double v = 0;
    double before = 0.1;
    for (int t = 0; t < 30; t++) {
      double rate = t < 10 ? 0.1 * (t + 1) / 10 : t < 20 ? 0.1 : 0.01;
      float g = (float) Math.sin(t);
      v = 0.9 * rate / before * v + rate * g;
      p -= v;
      before = rate;
      trial.update.lr = (float) rate;
      trial.step(new float[] {g}, 0);
    }
    assertThat((double) trial.values()[0]).isCloseTo(p, within(1e-6));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aStepAllocatesNothing(OptimizerCase rule) {
    Trial trial = new Trial(rule.optimizer(), new float[LENGTH]);
    float[] gradient = new float[LENGTH];
    int[] cuts = {100};
    Runnable steps = () -> hundredSteps(trial, gradient, cuts);
    long least = Long.MAX_VALUE;
    // The first rounds may load classes, and the counter may hold what the runtime took.
    for (int round = 0; round < 50 && least > 0; round++) {
      least = Math.min(least, allocatedBy(steps));
    }
    assertThat(least).as("bytes in 100 steps").isZero();
  }

  private static void hundredSteps(Trial trial, float[] gradient, int[] cuts) {
    for (int i = 0; i < 100; i++) {
      trial.step(gradient, 0, cuts);
    }
  }

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);
    work.run();
    return threads.getThreadAllocatedBytes(thread) - before;
  }
}
