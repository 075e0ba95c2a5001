package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnacknowledgedTest {
  private static final long FIRST = 5;

  private final List<String> handedOver = new ArrayList<>();
  private final Unacknowledged waiting = new Unacknowledged(4);

  private final Standby standby =
      new Standby() {
        @Override
        public void copied(int bucket, long version) {
          handedOver.add("%d of version %d".formatted(bucket, version));
        }

        @Override
        public void applied(int bucket, long step, float[] sum, double weight) {
          throw new AssertionError("only the first version is made");
        }

        @Override
        public void reduced(long key, double[] sum) {
          throw new AssertionError("nothing is reduced");
        }
      };

  /** The answer of a standby that is lost to the driver may still come. */
  @Test
  void anAnswerThatComesWhileTheStandbyIsGivenUpCountsOnce() {
    waiting.begin(standby, () -> FIRST);
    assertThat(waiting.holds(null, 1, FIRST)).isTrue();
    assertThat(waiting.holds(null, 3, FIRST)).isTrue();
    assertThat(handedOver).containsExactly("1 of version 5", "3 of version 5");
    Map<Integer, Long> left = waiting.end();
    assertThat(left).containsExactly(Map.entry(1, FIRST), Map.entry(3, FIRST));
    assertThat(waiting.take(3, FIRST)).as("the late answer").isTrue();
    assertThat(waiting.take(1, left.get(1))).isTrue();
    assertThat(waiting.take(3, left.get(3))).as("the one that is given up").isFalse();
    assertThat(waiting.holds(null, 1, FIRST + 1)).as("without a standby").isFalse();
  }
}
