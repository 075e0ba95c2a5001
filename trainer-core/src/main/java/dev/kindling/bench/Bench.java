package dev.kindling.bench;

import dev.kindling.kernel.Kernels;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The benchmarks by name. Each measures the peak of this processor, or the speed of its memory, in
 * the same run, lap by lap, and prints a table and one line {@code BENCH key=value ...} for each
 * figure.
 */
public final class Bench {
  private static final Map<String, Consumer<Bench>> BY_NAME = byName();

  private final String name;
  private final int threads;
  private final Effort effort;
  private final PrintStream out;

  private Bench(String name, int threads, Effort effort, PrintStream out) {
    this.name = name;
    this.threads = threads;
    this.effort = effort;
    this.out = out;
  }

  private static Map<String, Consumer<Bench>> byName() {
    Map<String, Consumer<Bench>> benches = new LinkedHashMap<>();
    benches.put("gemm", GemmBench::run);
    benches.put("conv", ConvolutionBench::run);
    benches.put("elementwise", ElementwiseBench::run);
    TrainingPrograms.ALL.forEach(
        program -> benches.put(program.name(), bench -> TrainingBench.run(bench, program)));
    return benches;
  }

  /** The names that {@link #run} knows. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * Measures and prints.
   *
   * @param threads that work at once, each on data of its own
   * @throws IllegalArgumentException for an unknown name or no thread
   */
  public static void run(String name, int threads, Effort effort, PrintStream out) {
    if (!BY_NAME.containsKey(name)) {
      throw new IllegalArgumentException(
          "bench: '%s' is unknown; one of %s".formatted(name, String.join(", ", names())));
    }
    if (threads < 1) {
      throw new IllegalArgumentException(
          "bench: --threads is %d; at least 1 is needed".formatted(threads));
    }
    Bench bench = new Bench(name, threads, effort, out);
    List<String> missing = Kernels.best().compile(effort.patience());
    if (!missing.isEmpty()) {
      bench.say("in plain loops, for want of compiled vectors: %s", String.join(", ", missing));
    }
    BY_NAME.get(name).accept(bench);
  }

  /** Warms up, then measures laps of the work and of the peak by turns. */
  Figures measure(double flop, Supplier<? extends Work> work) {
    return measure(flop, work, FmaPeak::new);
  }

  /** Beside another reference than the peak. */
  Figures measure(double flop, Supplier<? extends Work> work, Supplier<? extends Work> reference) {
    try (Crew crew = new Crew(threads)) {
      List<Work> works = each(work);
      List<Work> peaks = each(reference);
      int times = warmUp(crew, works);
      int peakTimes = warmUp(crew, peaks);
      List<Lap> laps = new ArrayList<>();
      List<Lap> peakLaps = new ArrayList<>();
      for (int i = 0; i < effort.laps(); i++) {
        peakLaps.add(crew.run(peaks, Math.max(1, peakTimes / 4)));
        laps.add(crew.run(works, times));
      }
      return new Figures(threads, flop, laps, peakLaps);
    }
  }

  private List<Work> each(Supplier<? extends Work> work) {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      works.add(work.get());
    }
    return works;
  }

  /** Runs laps of doubling length until the time is over; how many repetitions fill a lap. */
  private int warmUp(Crew crew, List<Work> works) {
    int times = 1;
    double spent = 0;
    double fastest = Double.MAX_VALUE;
    do {
      double seconds = crew.run(works, times).seconds();
      spent += seconds * times;
      fastest = Math.min(fastest, seconds);
      if (seconds * times < effort.lapSeconds()) {
        times *= 2;
      }
    } while (spent < effort.warmUpSeconds());
    return (int) Math.max(1, effort.lapSeconds() / fastest);
  }

  int threads() {
    return threads;
  }

  /** A line for people. */
  void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }

  /** A line for programs; {@code format} has the figures. */
  void figure(String format, Object... values) {
    out.printf(Locale.ROOT, "BENCH name=%s threads=%d ", name, threads);
    out.printf(Locale.ROOT, format, values);
    say(" java=%d", Runtime.version().feature());
  }
}
