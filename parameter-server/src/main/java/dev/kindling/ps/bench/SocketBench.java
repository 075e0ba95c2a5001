package dev.kindling.ps.bench;

import dev.kindling.ps.Transport;
import dev.kindling.train.Buckets;

/**
 * Bytes a second of push plus pull, one worker, one shard, buckets of 1 MiB, the plainest rule; the
 * reference is a bare echo of the same sizes.
 */
final class SocketBench implements Benchmark {
  private static final int BUCKETS = 16;
  private static final int STEPS = 60;
  private static final int ROUNDS = 5;

  @Override
  public String name() {
    return "socket";
  }

  @Override
  public Result run() throws Exception {
    int parameters = BUCKETS * Buckets.LARGEST - 16;
    double bytes = 2.0 * BUCKETS * Buckets.LARGEST * Float.BYTES;
    BenchRun run = new BenchRun(parameters, 1, Transport.SOCKET, BenchRun.PLAIN);
    Echo echo = new Echo(BUCKETS, Buckets.LARGEST * Float.BYTES);
    return Benchmark.compare(
        name(),
        "bytes/s",
        ROUNDS,
        () -> bytes / run.secondsPerStep(STEPS),
        () -> bytes / echo.secondsPerRound(STEPS));
  }
}
