package dev.kindling.ps.bench;

import java.io.PrintStream;
import java.util.List;

/**
 * Prints a line for each figure: {@code BENCH name=socket value=.. reference=.. ratio=..}; the
 * value and the reference are medians of repeated runs, taken in turn.
 */
public final class ServerBench {
  private static final List<Benchmark> ALL =
      List.of(
          new SocketBench(),
          new ReduceAdamBench(),
          new InProcessBench(),
          new FanInBench(),
          new WireBytesBench());

  private ServerBench() {}

  /** Runs the benchmarks of these names; all without one. */
  public static void main(String[] names) throws Exception {
    run(List.of(names), System.out);
  }

  /**
   * Runs the benchmarks of these names; all without one.
   *
   * @throws IllegalArgumentException for an unknown name
   */
  public static void run(List<String> names, PrintStream out) throws Exception {
    List<String> known = ALL.stream().map(Benchmark::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "bench server: '%s' is unknown; one of %s".formatted(name, String.join(", ", known)));
      }
    }
    for (Benchmark one : ALL) {
      if (names.isEmpty() || names.contains(one.name())) {
        out.println(one.run());
      }
    }
  }
}
