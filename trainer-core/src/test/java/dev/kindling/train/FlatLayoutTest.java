package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatLayoutTest {
  private final FlatLayout layout =
      new FlatLayout.Builder()
          .add("0.weight", List.of(4, 3), Kind.PARAMETER)
          .add("0.bias", List.of(4), Kind.PARAMETER)
          .addStatistic("1.running_mean", List.of(4), 0.1f)
          .build();

  @Test
  void slotsStandOneAfterTheOtherWithTheMetricsLast() {
    assertThat(layout.slots()).extracting(Slot::offset).containsExactly(0L, 12L, 16L, 20L);
    assertThat(layout.slots().get(3).name()).isEqualTo(FlatLayout.METRICS);
    assertThat(layout.length()).isEqualTo(23);
    assertThat(layout.metricsOffset()).isEqualTo(20);
  }

  @Test
  void countsParametersOnly() {
    assertThat(layout.parameters()).isEqualTo(16);
    assertThat(layout.parameterSlots())
        .extracting(Slot::name)
        .containsExactly("0.weight", "0.bias");
  }

  @Test
  void refusesGaps() {
    List<Slot> gap =
        List.of(
            new Slot("a", List.of(2), 0, 2, Kind.PARAMETER, 0),
            new Slot("b", List.of(2), 3, 2, Kind.PARAMETER, 0));
    assertThatThrownBy(() -> new FlatLayout(gap))
        .hasMessage("layout: b starts at 3; the slot before it ends at 2");
  }

  @Test
  void refusesATensorTooLargeForAnArray() {
    FlatLayout.Builder builder = new FlatLayout.Builder();
    assertThatThrownBy(() -> builder.add("huge", List.of(1 << 16, 1 << 16), Kind.PARAMETER))
        .isInstanceOf(ArithmeticException.class);
  }
}
