package dev.kindling.ps.bench;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.Transport;

/**
 * Bytes that the parameters of {@code mnist-mlp} take through the server's sockets in a step of two
 * workers, with bfloat16; the reference is float32. Counted, so the ratio of 0.5 is exact but for
 * headers, the float32 tail, and the handshake.
 */
final class WireBytesBench implements Benchmark {
  private static final int PARAMETERS = 109_386;
  private static final int WORKERS = 2;
  private static final int STEPS = 50;

  @Override
  public String name() {
    return "wire-bytes";
  }

  @Override
  public Result run() throws Exception {
    double narrow = bytesPerStep(FloatFormat.BFLOAT16);
    double whole = bytesPerStep(FloatFormat.FLOAT32);
    return new Result(name(), "bytes/step", narrow, whole, narrow / whole);
  }

  private static double bytesPerStep(FloatFormat wire) throws Exception {
    BenchRun run = new BenchRun(PARAMETERS, WORKERS, Transport.SOCKET, BenchRun.PLAIN, wire);
    return run.measure(STEPS).bytes() / (double) STEPS;
  }
}
