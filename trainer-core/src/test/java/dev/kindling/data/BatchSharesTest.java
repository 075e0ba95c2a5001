package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchSharesTest {
  @Test
  void anEpochUsesEachRowOnceAndSharesDifferByOneAtMost() {
    long seed = 20;
    Random random = new Random(seed);
    for (int trial = 0; trial < 500; trial++) {
      int rows = 1 + random.nextInt(300);
      int replicas = 1 + random.nextInt(trial % 2 == 0 ? 8 : 400);
      int batch = 1 + random.nextInt(trial % 3 == 0 ? 400 : 40);
      assertEpoch(new BatchShares(rows, replicas, batch), "seed " + seed + " trial " + trial);
    }
  }

  private static void assertEpoch(BatchShares shares, String trial) {
    String of = trial + ": " + shares;
    int replicas = shares.replicas();
    int[] next = new int[replicas];
    long seen = 0;
    for (long step = 0; step < shares.stepsPerEpoch(); step++) {
      int batch = 0;
      int least = Integer.MAX_VALUE;
      int most = 0;
      for (int r = 0; r < replicas; r++) {
        assertThat(shares.from(r, step)).as(of).isEqualTo(next[r]);
        int count = shares.count(r, step);
        next[r] += count;
        batch += count;
        least = Math.min(least, count);
        most = Math.max(most, count);
      }
      assertThat(batch).as(of).isEqualTo(shares.batchSize(step)).isPositive();
      assertThat(most - least).as(of).isLessThanOrEqualTo(1);
      assertThat(most).as(of).isLessThanOrEqualTo(shares.largestShare());
      seen += batch;
    }
    assertThat(seen).as(of).isEqualTo(shares.rows());
    for (int r = 0; r < replicas; r++) {
      assertThat(next[r]).as(of).isEqualTo(shares.sliceSize(r));
      assertThat(shares.sliceSize(r))
          .as(of)
          .isBetween((int) (shares.rows() / replicas), (int) (shares.rows() / replicas) + 1);
    }
  }

  @Test
  void positionsGoAroundTheReplicas() {
    BatchShares shares = new BatchShares(10, 4, 3);
    for (int p = 0; p < 10; p++) {
      for (int r = 0; r < 4; r++) {
        int taken = shares.start(r, p + 1) - shares.start(r, p);
        assertThat(taken).isEqualTo(p % 4 == r ? 1 : 0);
      }
      assertThat(shares.start(p % 4, p)).isEqualTo(p / 4);
    }
  }

  @Test
  void fewerRowsThanReplicasLeaveSlicesEmpty() {
    BatchShares shares = new BatchShares(2, 5, 64);
    assertThat(shares.stepsPerEpoch()).isEqualTo(1);
    assertThat(shares.count(1, 0)).isEqualTo(1);
    assertThat(shares.count(2, 0)).isZero();
    assertThat(shares.largestShare()).isEqualTo(1);
  }

  @Test
  void sizesBeyondIntegersCount() {
    BatchShares shares = new BatchShares(6_000_000_000L, 4, 1024);
    assertThat(shares.sliceSize(3)).isEqualTo(1_500_000_000);
    assertThat(shares.from(0, shares.stepsPerEpoch() - 1)).isEqualTo(1_500_000_000 - 256);
  }

  @Test
  void sizesOfZeroAreRefused() {
    assertThatThrownBy(() -> new BatchShares(0, 1, 1)).hasMessageContaining("rows is 0");
    assertThatThrownBy(() -> new BatchShares(1, 0, 1)).hasMessageContaining("replicas is 0");
    assertThatThrownBy(() -> new BatchShares(5_000_000_000L, 2, 1))
        .hasMessageContaining("raise train.replicas");
  }
}
