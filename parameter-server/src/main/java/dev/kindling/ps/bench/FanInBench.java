package dev.kindling.ps.bench;

import dev.kindling.ps.Transport;

/**
 * Bytes a second that 32 workers, each with a connection of its own, push and pull together; the
 * reference is 4 workers.
 */
final class FanInBench implements Benchmark {
  private static final int PARAMETERS = 1 << 20;
  private static final int MANY = 32;
  private static final int FEW = 4;
  private static final int ROUNDS = 5;

  @Override
  public String name() {
    return "fan-in";
  }

  @Override
  public Result run() throws Exception {
    return Benchmark.compare(
        name(), "bytes/s", ROUNDS, () -> bytesPerSecond(MANY, 20), () -> bytesPerSecond(FEW, 120));
  }

  private static double bytesPerSecond(int workers, int steps) throws Exception {
    BenchRun run = new BenchRun(PARAMETERS, workers, Transport.SOCKET, BenchRun.PLAIN);
    return 2.0 * PARAMETERS * Float.BYTES * workers / run.secondsPerStep(steps);
  }
}
