package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import dev.kindling.train.LargeBatch.Scaling;
import org.junit.jupiter.api.Test;

class LargeBatchTest {
  private static final LargeBatch EIGHT = new LargeBatch(512, 64, Scaling.AUTO, 5);

  private static double lr(LargeBatch batch, String type) {
    return Optimizer.of(batch.scale(Spec.of(type, "lr", 0.1))).lr();
  }

  @Test
  void theRateFollowsTheBatchAndForAdamItsRoot() {
    assertThat(lr(EIGHT, "SGD")).isCloseTo(0.8, within(1e-12));
    assertThat(lr(EIGHT, "LARS")).isCloseTo(0.8, within(1e-12));
    assertThat(lr(EIGHT, "Adam")).isCloseTo(0.1 * Math.sqrt(8), within(1e-12));
    assertThat(lr(EIGHT, "LAMB")).isCloseTo(0.1 * Math.sqrt(8), within(1e-12));
    assertThat(lr(new LargeBatch(512, 64, Scaling.NONE, 0), "SGD")).isEqualTo(0.1);
    assertThat(lr(new LargeBatch(512, 64, Scaling.SQRT, 0), "SGD"))
        .isCloseTo(0.1 * Math.sqrt(8), within(1e-12));
    assertThat(lr(new LargeBatch(64, 64, Scaling.LINEAR, 0), "SGD")).isEqualTo(0.1);
  }

  @Test
  void warmUpBeginsWithTheRateBeforeScaling() {
    Schedule schedule = EIGHT.warmUp(new Schedule.Constant(), "SGD");
    assertThat(schedule.factor(0, 100)).isEqualTo(1.0 / 8);
    assertThat(schedule.factor(250, 100)).isCloseTo((1 + 1.0 / 8) / 2, within(1e-12));
    assertThat(schedule.factor(500, 100)).isEqualTo(1);
  }

  @Test
  void clippingAndGroupsStayAndTheGroupsKeepTheirProportions() {
    Spec written =
        Spec.of(
            "SGD",
            "lr",
            0.1,
            "clip_norm",
            1.0,
            "groups",
            java.util.List.of(java.util.Map.of("dims", 1, "lr_factor", 2)));
    Optimizer scaled = Optimizer.of(EIGHT.scale(written));
    assertThat(scaled.maxNorm()).hasValue(1);
    assertThat(scaled.forParameter("0.bias", 1).lr()).isCloseTo(1.6, within(1e-12));
    assertThat(scaled.forParameter("0.weight", 2).lr()).isCloseTo(0.8, within(1e-12));
  }

  @Test
  void refusesABatchOfNothing() {
    assertThatThrownBy(() -> new LargeBatch(64, 0, Scaling.AUTO, 0))
        .hasMessageContaining("base_batch_size 0");
  }
}
