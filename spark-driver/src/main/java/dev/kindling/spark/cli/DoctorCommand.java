package dev.kindling.spark.cli;

import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.doctor.Cluster;
import dev.kindling.spark.doctor.Finding;
import dev.kindling.spark.doctor.Finding.Verdict;
import dev.kindling.spark.doctor.Machine;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells what would get in the way of a run. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at Java, memory, disk and network of this machine and says what to mend.",
      "With CONFIG also at its data and at the executors of its cluster."
    })
final class DoctorCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CONFIG", arity = "0..1", description = "Configuration, YAML.")
  private Path file;

  @Mixin private Common common;

  @Override
  public Integer call() {
    if (file == null && !common.overrides().isEmpty()) {
      throw new ConfigException("doctor: --set overrides a key of CONFIG; give its path too");
    }
    Verdict worst = print(new Machine(System.getenv()).look());
    if (file != null) {
      RunConfig config = RunConfig.read(file, common.overrides());
      RunData.beforeSpark(config);
      try (JavaSparkContext spark = SparkSettings.start(config)) {
        Verdict cluster = print(new Cluster(spark).look(config.cluster().workers().orElse(1)));
        worst = cluster.compareTo(worst) > 0 ? cluster : worst;
      }
    }
    return worst == Verdict.FAIL ? ExitCode.FAILED : ExitCode.DONE;
  }

  private static Verdict print(List<Finding> findings) {
    for (Finding finding : findings) {
      System.out.printf(
          Locale.ROOT, "%-4s  %-12s %s%n", finding.verdict(), finding.subject(), finding.found());
      finding.advice().ifPresent(advice -> System.out.printf("%19s%s%n", "", advice));
    }
    return findings.stream().map(Finding::verdict).max(Verdict::compareTo).orElse(Verdict.OK);
  }
}
