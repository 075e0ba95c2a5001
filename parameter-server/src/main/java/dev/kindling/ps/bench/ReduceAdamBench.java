package dev.kindling.ps.bench;

import dev.kindling.optim.Adam;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.shard.Workspace;
import java.util.Arrays;

/**
 * Elements a second that a shard adds from two workers and moves by Adam; the reference is a plain
 * loop with the same reads and writes. Vectors larger than any cache.
 */
final class ReduceAdamBench implements Benchmark {
  private static final int PARAMETERS = 8 << 20;
  private static final int STEPS = 5;
  private static final int ROUNDS = 7;

  @Override
  public String name() {
    return "reduce-adam";
  }

  @Override
  public Result run() throws Exception {
    RunSpec run =
        new BenchRun(PARAMETERS, 2, Transport.IN_PROCESS, new Adam(1e-3)).spec(Long.MAX_VALUE);
    ShardStorage storage = new ShardStorage(run);
    ShardGroup shards = new ShardGroup(run, ShardShare.ALL, 1, storage, 0);
    shards.join(new Worker("worker 0", 0, 1, 1));
    Workspace workspace = new Workspace(run.tree());
    int length = storage.values(0).length;
    float[][] gradients = {new float[length], new float[length]};
    Arrays.fill(gradients[0], 0.5f);
    Arrays.fill(gradients[1], -0.25f);
    return Benchmark.compare(
        name(),
        "elements/s",
        ROUNDS,
        () -> shard(shards, workspace, gradients),
        () -> plain(storage, gradients));
  }

  private static double shard(ShardGroup shards, Workspace workspace, float[][] gradients) {
    long start = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      long step = shards.version();
      for (int bucket = shards.run().buckets().count() - 1; bucket >= 0; bucket--) {
        for (int w = 0; w < gradients.length; w++) {
          int offset = shards.storage().offset(bucket);
          shards.push(workspace, 1, 1, step, bucket, w, w + 1, gradients[w], offset, 1, null);
        }
      }
    }
    return STEPS * (double) gradients[0].length / ((System.nanoTime() - start) * 1e-9);
  }

  private static double plain(ShardStorage storage, float[][] gradients) {
    long start = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      plainAdam(
          storage.values(i),
          storage.values(i + 1),
          storage.state()[0],
          storage.state()[1],
          gradients[0],
          gradients[1]);
    }
    return STEPS * (double) gradients[0].length / ((System.nanoTime() - start) * 1e-9);
  }

  private static void plainAdam(
      float[] current, float[] next, float[] m, float[] v, float[] a, float[] b) {
    for (int i = 0; i < current.length; i++) {
      float g = (a[i] + b[i]) * 0.5f;
      float first = 0.9f * m[i] + 0.1f * g;
      float second = 0.999f * v[i] + 0.001f * (g * g);
      m[i] = first;
      v[i] = second;
      next[i] = current[i] - 0.001f * first / ((float) Math.sqrt(second) + 1e-8f);
    }
  }
}
