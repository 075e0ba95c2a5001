package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final long PATIENCE = 1_000_000;

  @Test
  void waitsForWorkThatEarnsIt() {
    AtomicInteger calls = new AtomicInteger();
    WarmUp warmUp = WarmUp.after(100, PATIENCE, () -> calls::incrementAndGet);
    assertThat(warmUp.isOver(60)).isFalse();
    assertThat(calls).hasValue(0);
    for (int i = 0; i < 1_000_000 && !warmUp.isOver(60); i++) {
      Thread.onSpinWait();
    }
    assertThat(warmUp.isOver(1)).as("over, since the call allocates nothing").isTrue();
    assertThat(calls).hasPositiveValue();
  }

  @Test
  void isNotOverWhileTheCallAllocates() {
    byte[][] kept = new byte[1][];
    WarmUp warmUp = WarmUp.after(1, PATIENCE, () -> () -> kept[0] = new byte[64]);
    for (int i = 0; i < 100; i++) {
      assertThat(warmUp.isOver(1)).isFalse();
    }
  }

  @Test
  void canBeFinishedBeforeItIsEarned() {
    AtomicInteger calls = new AtomicInteger();
    WarmUp warmUp = WarmUp.after(Long.MAX_VALUE, PATIENCE, () -> calls::incrementAndGet);
    assertThat(warmUp.finish(Duration.ofMinutes(1).toNanos())).isTrue();
    assertThat(warmUp.isOver(1)).isTrue();
    byte[][] kept = new byte[1][];
    WarmUp boxing = WarmUp.after(1, PATIENCE, () -> () -> kept[0] = new byte[64]);
    assertThat(boxing.finish(PATIENCE)).isFalse();
    assertThat(boxing.isOver(1)).isFalse();
  }

  @Test
  void noneIsOverAtOnce() {
    AtomicInteger calls = new AtomicInteger();
    assertThat(WarmUp.none("none", () -> calls::incrementAndGet).isOver(1)).isTrue();
    assertThat(calls).hasValue(0);
  }
}
