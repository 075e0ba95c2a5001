package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Push;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The places of a vector beyond 2^31 elements, without its memory. */
class OffsetsTest {
  private static final int GIB = 1 << 30;
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder()
          .add("0.weight", List.of(GIB), Kind.PARAMETER)
          .add("1.weight", List.of(GIB), Kind.PARAMETER)
          .add("2.weight", List.of(GIB), Kind.PARAMETER)
          .addStatistic("3.running_mean", List.of(5), 0.5f)
          .build();

  @Test
  void theBucketsOfALongVectorFollowEachOther() {
    Buckets buckets = Buckets.of(LAYOUT.length());
    assertThat(LAYOUT.length()).isGreaterThan(3L * GIB);
    long at = 0;
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      assertThat(buckets.from(bucket)).isEqualTo(at);
      assertThat(buckets.length(bucket)).isBetween(1, Buckets.LARGEST);
      at = buckets.to(bucket);
      assertThat(buckets.holding(at - 1)).isEqualTo(bucket);
    }
    assertThat(at).isEqualTo(LAYOUT.length());
  }

  /** A shard that holds nothing but the end of the last tensor and what follows it. */
  @Test
  void aRangeBeyondTheIntegersIsAppliedByItsOwnRules() {
    FlatUpdate rule = new FlatUpdate(LAYOUT, new SGD(1), new Schedule.Constant(), 1);
    long base = 3L * GIB - 2;
    Update u = new Update();
    u.current = new float[] {10, 10, 10, 10};
    u.next = new float[4];
    u.state = new float[0][];
    u.gradient = new float[] {4, 4, 4, 4};
    u.gradientScale = 0.5f;
    u.to = 4;
    rule.apply(u, base);
    assertThat(u.next).containsExactly(8, 8, 6, 6); // two of the tensor, two of the mean
  }

  @Test
  void aPushNamesABucketBeyondTheIntegers() {
    Buckets buckets = Buckets.of(LAYOUT.length());
    int last = buckets.count() - 1;
    Push push =
        new Push(
            1, 1, 1L << 40, last, 0, 1, 1, FloatEncoding.FLOAT32, new Floats(new float[7], 0, 7));
    assertThat(push.frameLength()).isEqualTo(8 + 40 + 28);
    assertThat(buckets.from(last)).isGreaterThan(Integer.MAX_VALUE);
  }
}
