package dev.kindling.bench;

import dev.kindling.train.LocalTrainer;
import dev.kindling.train.StepTimes;
import java.util.ArrayList;
import java.util.List;

/** Whole training steps in one process: batch, forward, backward, optimizer. */
final class TrainingBench {
  private TrainingBench() {}

  static void run(Bench bench, TrainingProgram program) {
    List<Steps> all = new ArrayList<>();
    Figures figures =
        bench.measure(
            program.flop(),
            () -> {
              all.add(new Steps(program.trainer()));
              return all.get(all.size() - 1);
            });
    double samples = bench.threads() * program.batchSize();
    bench.say("%s", program.description());
    bench.say(
        "%,.0f samples/s (%,.0f at best), %.1f of %.1f GFLOP/s: %.2f of the peak (%.2f at best)",
        samples / figures.seconds(),
        samples / figures.bestSeconds(),
        figures.gflops(),
        figures.peakGflops(),
        figures.peakShare(),
        figures.bestPeakShare());
    bench.say(
        "a step: %.1f us (%.1f at best)", 1e6 * figures.seconds(), 1e6 * figures.bestSeconds());
    sayParts(bench, all.get(0).trainer.times());
    bench.figure(
        "samples_per_second=%.0f gflops=%.1f peak_gflops=%.1f peak_share=%.3f best_peak_share=%.3f"
            + " bytes_per_step=%.0f",
        samples / figures.seconds(),
        figures.gflops(),
        figures.peakGflops(),
        figures.peakShare(),
        figures.bestPeakShare(),
        figures.bytes());
  }

  /** Means, which disturbances raise, unlike the medians. */
  private static void sayParts(Bench bench, StepTimes times) {
    double toMicros = 1e-3 / times.steps;
    bench.say(
        "by part, us, mean of the last lap: batch %.1f, forward %.1f, backward %.1f, optimizer %.1f",
        toMicros * times.batch,
        toMicros * times.forward,
        toMicros * times.backward,
        toMicros * times.optimizer);
  }

  private record Steps(LocalTrainer trainer) implements Work {
    @Override
    public void run(int times) {
      trainer.times().reset();
      for (int i = 0; i < times; i++) {
        trainer.step();
      }
    }
  }
}
