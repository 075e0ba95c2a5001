package dev.kindling.spark.cli;

import dev.kindling.bench.Bench;
import dev.kindling.bench.Effort;
import dev.kindling.ps.bench.ServerBench;
import dev.kindling.spark.bench.SparkBench;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures speed; needs no data. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures speed, each figure beside a reference; needs no data.")
final class BenchCommand implements Callable<Integer> {
  /** The parameter server has figures, references and lengths of its own. */
  private static final String SERVER = "server";

  /** Training on Spark, beside the same training in one process. */
  private static final String SPARK = "spark";

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

  @Option(
      names = "--only",
      paramLabel = "FIGURE",
      split = ",",
      description = "Of spark and server: the figures of these names; all by default.")
  private List<String> only = List.of();

  @Override
  public Integer call() throws Exception {
    if (name.equals(SERVER)) {
      ServerBench.run(only, System.out);
    } else if (name.equals(SPARK)) {
      SparkBench.usual().run(only, System.out);
    } else {
      Bench.run(name, threads, Effort.ofSeconds(seconds), System.out);
    }
    return ExitCode.DONE;
  }

  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(Bench.names().stream(), Stream.of(SERVER, SPARK)).iterator();
    }
  }
}
