package dev.kindling.spark.cli;

import dev.kindling.bench.Bench;
import dev.kindling.bench.Effort;
import dev.kindling.ps.bench.ServerBench;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures speed; needs neither data nor Spark. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures speed beside the peak of this processor; needs neither data nor Spark.")
final class BenchCommand implements Callable<Integer> {
  /** The parameter server has figures, references and lengths of its own. */
  private static final String SERVER = "server";

  @Parameters(
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private String name;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that work at once, each on data of its own; ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "6",
      description = "How long to measure each figure; ${DEFAULT-VALUE}.")
  private double seconds;

  @Override
  public Integer call() throws Exception {
    if (name.equals(SERVER)) {
      ServerBench.run(List.of(), System.out);
    } else {
      Bench.run(name, threads, Effort.ofSeconds(seconds), System.out);
    }
    return ExitCode.DONE;
  }

  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(Bench.names().stream(), Stream.of(SERVER)).iterator();
    }
  }
}
