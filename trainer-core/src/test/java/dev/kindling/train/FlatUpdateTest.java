package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.LARS;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.train.FlatLayout.Kind;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatUpdateTest {
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder()
          .add("0.weight", List.of(5), Kind.PARAMETER)
          .addStatistic("1.running_mean", List.of(2), 0.1f)
          .build();
  private static final int LENGTH = 10;
  private final FlatUpdate rule = new FlatUpdate(LAYOUT, new SGD(0.5), new Schedule.Constant(), 3);
  private final Update update = new Update();
  private final float[] sums = {4, 8, 12, 16, 20, 40, 80, 100, 3, 4};

  FlatUpdateTest() {
    update.current = new float[] {1, 1, 1, 1, 1, 10, 20, 7, 5, 6};
    update.next = new float[LENGTH];
    update.state = new float[0][];
    update.gradient = sums;
    update.gradientScale = 0.25f;
  }

  private void apply(int from, int to, long base) {
    update.from = from;
    update.to = to;
    rule.apply(update, base);
  }

  @Test
  void parametersMoveStatisticsFollowAndMetricsAddUp() {
    update.step = 4;
    apply(0, LENGTH, 0);
    assertThat(update.next).containsExactly(0.5f, 0, -0.5f, -1, -1.5f, 10, 20, 107, 8, 10);
    update.gradient = new float[] {0, 0, 0, 0, 0, 80, 40, 0, 0, 0};
    update.gradientFrom = 5;
    apply(5, 7, 0);
    assertThat(update.next[5]).isEqualTo(11);
    assertThat(update.next[6]).isEqualTo(19);
  }

  @Test
  void metricsStartAgainAtTheFirstStepOfAnEpoch() {
    update.step = 3;
    apply(0, LENGTH, 0);
    assertThat(MetricSums.read(update.next, 7)).isEqualTo(new MetricSums(100, 3, 4));
    update.step = 5;
    apply(0, LENGTH, 0);
    assertThat(MetricSums.read(update.next, 7)).isEqualTo(new MetricSums(107, 8, 10));
  }

  @Test
  void aStepWithoutWeightChangesNothingButMetrics() {
    for (Optimizer optimizer :
        List.of(
            new Adam(0.5),
            new SGD(0.5, 0.9, 0, 0.1, false),
            new ClipByNorm(new SGD(0.5), 1),
            new LARS(0.1),
            new LAMB(0.1))) {
      FlatUpdate any = new FlatUpdate(LAYOUT, optimizer, new Schedule.Constant(), 3);
      update.state = new float[optimizer.stateNames().size()][LENGTH];
      for (float[] vector : update.state) {
        Arrays.fill(vector, 2);
      }
      update.gradient = new float[] {0, 0, 0, 0, 0, 0, 0, 100, 3, 4};
      update.gradientScale = Update.scale(0);
      update.step = 4;
      update.from = 0;
      update.to = LENGTH;
      any.applyWhole(update, new GradientNorms(LAYOUT));
      assertThat(update.next)
          .as(optimizer.toSpec().toString())
          .containsExactly(1, 1, 1, 1, 1, 10, 20, 107, 8, 10);
      for (float[] vector : update.state) {
        assertThat(vector).containsOnly(2);
      }
    }
  }

  @Test
  void theScaleOfAnyWeightIsFinite() {
    assertThat(Update.scale(4)).isEqualTo(0.25f);
    assertThat(Update.scale(0)).isZero();
    assertThat(Update.scale(Double.MIN_VALUE)).isEqualTo(Float.MAX_VALUE);
  }

  @Test
  void anyCutGivesTheSameBits() {
    apply(0, LENGTH, 0);
    float[] whole = update.next.clone();
    for (int cut = 1; cut < LENGTH; cut++) {
      update.next = new float[LENGTH];
      update.gradientFrom = 0;
      apply(0, cut, 0);
      update.gradientFrom = cut;
      apply(cut, LENGTH, 0);
      assertThat(update.next).as("cut at %d", cut).containsExactly(whole);
    }
  }

  @Test
  void aShardHoldsItsPartOnly() {
    apply(0, LENGTH, 0);
    float[] whole = update.next.clone();
    update.current = new float[] {0, 1, 1, 10, 20, 7};
    update.next = new float[6];
    update.gradient = new float[] {0, 0, 0, 16, 20, 40, 80, 100};
    update.gradientFrom = 3;
    apply(1, 6, 2);
    for (int i = 1; i < 6; i++) {
      assertThat(update.next[i]).isEqualTo(whole[i + 2]);
    }
    assertThat(update.from).isEqualTo(1);
    assertThat(update.to).isEqualTo(6);
    assertThat(update.gradientFrom).isEqualTo(3);
  }
}
