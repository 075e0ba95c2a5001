package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.BatchShares;
import dev.kindling.data.Slice;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters come only when they are asked for; until then there is NaN in their place. */
class BucketGateTest {
  private static final TrainingConfig CONFIG =
      new TrainingConfig(
          new Sequential(
              new Flatten(),
              new Linear(16, 24),
              new BatchNorm1d(24),
              new ReLU(),
              new Linear(24, 24),
              new ReLU(),
              new Linear(24, ToyData.CLASSES)),
          new CrossEntropyLoss(),
          new Adam(0.01),
          new Schedule.Constant(),
          12,
          3,
          2,
          7);

  private final List<Slice> slices = ToyData.slices(96, 2, 5);
  private final Buckets buckets = Buckets.of(CONFIG.layout().length());

  private ReplicaSlices data() {
    BatchShares shares = new BatchShares(96, 2, 12);
    return new ReplicaSlices(ToyData.FORMAT, slices, 0, shares, CONFIG.seed());
  }

  /** Lets buckets in when they are awaited. */
  private final class Trickle implements BucketGate {
    private final float[] all;
    private final float[] here;
    private final boolean isTaken;
    private final List<Integer> order = new ArrayList<>();

    /** Perhaps takes the first bucket away again when the last one comes. */
    Trickle(float[] all, boolean isTaken) {
      this.all = all;
      this.isTaken = isTaken;
      here = new float[all.length];
      Arrays.fill(here, Float.NaN);
    }

    @Override
    public void await(int bucket) {
      if (!order.contains(bucket)) {
        order.add(bucket);
        int from = (int) buckets.from(bucket);
        System.arraycopy(all, from, here, from, buckets.length(bucket));
      }
      if (isTaken && bucket == buckets.count() - 1) {
        Arrays.fill(here, 0, buckets.length(0), Float.NaN);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingIsReadBeforeItIsAwaitedAndNothingIsPushedBeforeAllIsHere(long step) {
    float[] values = FlatParameters.initialize(CONFIG.model(), 3);
    ReplicaStep replicas = new ReplicaStep(CONFIG, 0, 2);
    List<float[]> expected = new ArrayList<>();
    replicas.run(step, values, data(), (s, b, lo, hi, g, w) -> expected.add(g.clone()));
    Trickle trickle = new Trickle(values, false);
    List<float[]> sums = new ArrayList<>();
    replicas.run(
        step,
        trickle.here,
        trickle,
        data(),
        (s, b, lo, hi, g, w) -> {
          assertThat(trickle.order).hasSize(buckets.count());
          sums.add(g.clone());
        });
    assertThat(sums).usingRecursiveComparison().isEqualTo(expected);
    assertThat(trickle.order.subList(0, buckets.count() - 1)).isSorted();
  }

  @Test
  void theFirstLayerIsOverBeforeTheLastBucketIsThere() {
    float[] values = FlatParameters.initialize(CONFIG.model(), 3);
    ReplicaStep replica = new ReplicaStep(CONFIG, 0, 1);
    float[][] expected = new float[1][];
    replica.run(1, values, data(), (s, b, lo, hi, g, w) -> expected[0] = g.clone());
    Trickle trickle = new Trickle(values, true);
    float[][] sums = new float[1][];
    replica.run(1, trickle.here, trickle, data(), (s, b, lo, hi, g, w) -> sums[0] = g.clone());
    assertThat(trickle.here[0]).isNaN();
    assertThat(sums[0]).containsExactly(expected[0]);
  }

  /** What backward has yet to write is spoilt when the first push leaves. */
  @Test
  void pushesStartWhileBackwardStillRuns() {
    float[] values = FlatParameters.initialize(CONFIG.model(), 3);
    ReplicaStep replica = new ReplicaStep(CONFIG, 0, 1);
    List<float[]> expected = new ArrayList<>();
    replica.run(1, values, data(), (s, b, lo, hi, g, w) -> expected.add(g.clone()));
    List<float[]> sums = new ArrayList<>();
    replica.run(
        1,
        values,
        data(),
        (s, b, lo, hi, g, w) -> {
          if (sums.isEmpty()) {
            assertThat(b).isEqualTo(buckets.count() - 1);
            Arrays.fill(g, 0, buckets.length(0), Float.NaN);
          }
          sums.add(g.clone());
        });
    assertThat(sums.get(0)[0]).isNaN();
    assertThat(sums.get(buckets.count() - 1)).containsExactly(expected.get(buckets.count() - 1));
  }
}
