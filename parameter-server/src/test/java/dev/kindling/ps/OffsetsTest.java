package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.io.Safetensors;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.ps.checkpoint.CheckpointException;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.shard.Workspace;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Push;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** Every 4,000th bucket, up to the last: the whole would be 12 GiB. */
  private static final ShardShare SPARSE = new ShardShare(288, 4000);

  private static final int[] HELD = {288, 4288, 8288, 12288};

  private static RunSpec run() {
    FlatUpdate rule = new FlatUpdate(LAYOUT, new SGD(1, 0.5), new Schedule.Constant(), 1);
    return new RunSpec("long", new ReplicaTree(1), rule, 2);
  }

  @Test
  void aShareIsAsLongAsItsBuckets() {
    Buckets buckets = run().buckets();
    int last = buckets.count() - 1;
    assertThat(last).isEqualTo(12288);
    assertThat(SPARSE.elements(buckets)).isEqualTo(3L * Buckets.LARGEST + 8);
    for (int count : new int[] {2, 3, 5, last, last + 1}) {
      long sum = 0;
      for (int index = 0; index < count; index++) {
        ShardShare share = new ShardShare(index, count);
        int[] held = share.stream(buckets.count()).toArray();
        int end = 0;
        for (int bucket : held) {
          assertThat(share.offset(buckets, bucket)).isEqualTo(end);
          end += buckets.length(bucket);
        }
        assertThat(share.elements(buckets)).isEqualTo(end);
        sum += end;
      }
      assertThat(sum).isEqualTo(LAYOUT.length());
    }
  }

  /** One step of a share whose buckets lie on both sides of 2^31. */
  private static ShardStorage trained() {
    RunSpec run = run();
    ShardStorage storage = new ShardStorage(run, SPARSE, List.of());
    ShardGroup shards = new ShardGroup(run, SPARSE, 1, storage, 0);
    shards.join(new Worker("a", 0, 1, 1));
    for (int bucket : HELD) {
      float[] gradient = new float[run.buckets().length(bucket)];
      Arrays.fill(gradient, bucket);
      shards.push(new Workspace(run.tree()), 1, 1, 0, bucket, 0, 1, gradient, 0, 2, null);
    }
    assertThat(shards.version()).isEqualTo(1);
    return storage;
  }

  @Test
  void bucketsBeyondTheIntegersAreAppliedInArraysOfTheShare() {
    ShardStorage storage = trained();
    float[] values = storage.values(1);
    for (int i = 0; i < 3; i++) {
      assertThat(storage.offset(HELD[i])).isEqualTo(i * Buckets.LARGEST);
      assertThat(values[i * Buckets.LARGEST]).isEqualTo(-HELD[i] / 2f);
      assertThat(values[(i + 1) * Buckets.LARGEST - 1]).isEqualTo(-HELD[i] / 2f);
    }
    float mean = HELD[3] / 4f;
    float sum = HELD[3];
    assertThat(Arrays.copyOfRange(values, 3 * Buckets.LARGEST, values.length))
        .containsExactly(mean, mean, mean, mean, mean, sum, sum, sum);
    assertThat(storage.metrics(1)).isEqualTo(new MetricSums(sum, sum, sum));
  }

  @Test
  void aCheckpointOfAShareNamesThePiecesOfItsTensors(@TempDir Path folder) throws Exception {
    ShardStorage storage = trained();
    LocalCheckpointStore store = new LocalCheckpointStore(folder);
    Snapshot taken =
        new Snapshot(1, SPARSE, storage.values(1), storage.state(), new double[0], List.of());
    Checkpoints own = new Checkpoints(store, run(), SPARSE);
    own.write(taken, 1);
    Snapshot read = own.newest().orElseThrow();
    assertThat(read.values()).isEqualTo(taken.values());
    assertThat(read.state()).isDeepEqualTo(taken.state());
    Path file = folder.resolve("step-1/shard-0-term-1.safetensors");
    assertThat(Safetensors.read(file).tensors().keySet())
        .containsExactly(
            "0.weight[75497472:75759616]",
            "1.weight[50331648:50593792]",
            "2.weight[25165824:25427968]",
            "3.running_mean",
            "metrics",
            "optimizer.momentum_buffer.0.weight[75497472:75759616]",
            "optimizer.momentum_buffer.1.weight[50331648:50593792]",
            "optimizer.momentum_buffer.2.weight[25165824:25427968]");
    Checkpoints others = new Checkpoints(store, run(), new ShardShare(287, 4000));
    assertThatThrownBy(others::newest)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("holds share 289 of 4000 of a run; share 288 of 4000 is wanted");
    assertThatThrownBy(new Checkpoints(store, run(), new ShardShare(288, 4001))::newest)
        .hasMessageContaining("holds share 289 of 4000 of a run; share 289 of 4001 is wanted");
  }
}
