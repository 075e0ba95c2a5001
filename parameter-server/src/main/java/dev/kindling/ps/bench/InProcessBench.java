package dev.kindling.ps.bench;

import dev.kindling.kernel.Kernels;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Update;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;

/**
 * Microseconds of a step that exchanges the parameters of {@code mnist-mlp} between two workers of
 * one JVM; the reference is the sum and Adam alone, on one thread. Their difference is what the
 * exchange costs, so {@code ratio} is that difference by 60 microseconds: at most 1 is the goal.
 */
final class InProcessBench implements Benchmark {
  private static final int PARAMETERS = 109_386;
  private static final int WORKERS = 2;
  private static final int STEPS = 4_000;
  private static final int ROUNDS = 7;
  private static final double GOAL_MICROS = 60;

  @Override
  public String name() {
    return "in-process";
  }

  @Override
  public Result run() throws Exception {
    BenchRun run = new BenchRun(PARAMETERS, WORKERS, Transport.IN_PROCESS, new Adam(1e-3));
    Result both =
        Benchmark.compare(
            name(),
            "microseconds",
            ROUNDS,
            () -> run.secondsPerStep(STEPS) * 1e6,
            () -> arithmetic(run.spec(STEPS)) * 1e6);
    double beyond = both.value() - both.reference();
    return new Result(name(), both.unit(), both.value(), both.reference(), beyond / GOAL_MICROS);
  }

  private static double arithmetic(RunSpec run) {
    int length = Math.toIntExact(run.buckets().length());
    float[][] gradients = new float[WORKERS][length];
    Update u = new Update();
    u.current = new float[length];
    u.next = new float[length];
    u.state = new float[run.stateVectors()][length];
    u.gradient = new float[length];
    u.gradientScale = 0.5f;
    u.to = length;
    long start = System.nanoTime();
    for (u.step = 0; u.step < STEPS; u.step++) {
      Kernels.best().add(gradients[0], 0, gradients[1], 0, u.gradient, 0, length);
      run.update().apply(u, 0);
      float[] done = u.current;
      u.current = u.next;
      u.next = done;
    }
    return (System.nanoTime() - start) * 1e-9 / STEPS;
  }
}
