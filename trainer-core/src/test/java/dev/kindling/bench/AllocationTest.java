package dev.kindling.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kindling.kernel.Kernels;
import dev.kindling.train.LocalTrainer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A replayed step of the five networks allocates nothing once it is compiled, by the vector loops,
 * not by the plain ones that work before them.
 */
class AllocationTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int STEPS = 3;

  static List<TrainingProgram> programs() {
    return TrainingPrograms.ALL;
  }

  @ParameterizedTest
  @MethodSource("programs")
  void aStepOfSteadyStateAllocatesNothing(TrainingProgram program) {
    assertThat(Kernels.best().compile(PATIENCE)).as("loops that make objects").isEmpty();
    LocalTrainer trainer = program.trainer();
    long start = System.nanoTime();
    long least = bytes(trainer);
    while (least > 0 && System.nanoTime() - start < PATIENCE.toNanos()) {
      least = Math.min(least, bytes(trainer));
    }
    assertThat(least).as("bytes in %d steps of %s", STEPS, program.name()).isZero();
  }

  private static long bytes(LocalTrainer trainer) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < STEPS; i++) {
      trainer.step();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
