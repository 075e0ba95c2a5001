package dev.kindling.spark.bench;

import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A JVM of its own that starts Spark on all cores, and says how long after its own start it came to
 * the end of a first job, or of the first step of a training on 20,000 digits.
 */
public final class StartProbe {
  private static final String SAID = "seconds since the start ";
  private static final String JOB = "job";
  private static final String STEP = "step";
  private static final String MASTER = "local[*]";
  private static final int ROWS = 20_000;

  private StartProbe() {}

  /** Seconds to the end of the first job: counting a few numbers. */
  static double secondsToFirstJob() {
    return seconds(JOB);
  }

  /** Seconds to the first step. */
  static double secondsToFirstStep() {
    return seconds(STEP);
  }

  private static double seconds(String what) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-agentlib") && !option.startsWith("-javaagent")) {
        command.add(option);
      }
    }
    String classes = System.getProperty("java.class.path");
    command.addAll(List.of("-cp", classes, StartProbe.class.getName(), what));
    try {
      return read(new ProcessBuilder(command).redirectError(Redirect.DISCARD).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double read(Process process) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> line.startsWith(SAID))
          .map(line -> Double.parseDouble(line.substring(SAID.length())))
          .findFirst()
          .orElseThrow(() -> new IOException("a JVM ended without saying when it had begun"));
    } finally {
      process.destroy();
    }
  }

  /** {@code job} or {@code step}. */
  public static void main(String[] arguments) {
    try (JavaSparkContext spark = new JavaSparkContext(NetworkRun.settings(MASTER))) {
      if (arguments[0].equals(STEP)) {
        train(spark);
      } else {
        spark.parallelize(List.of(1, 2, 3), 2).count();
        say();
      }
    }
  }

  private static void train(JavaSparkContext spark) {
    int workers = spark.defaultParallelism();
    boolean[] said = new boolean[1];
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progressed(Progress progress) {
            if (progress.step() > 0 && !said[0]) {
              said[0] = true;
              say();
            }
          }
        };
    NetworkRun run = NetworkRun.mlp(ROWS, 64, 4);
    new TrainingJob(spark, run.training(workers), JobOptions.of(workers), List.of(listener))
        .run(
            DatasetRows.drawn(spark, () -> SyntheticDigits.train(NetworkRun.PIXELS).range(0, ROWS)),
            Optional.empty());
    if (!said[0]) {
      say();
    }
  }

  private static void say() {
    long begun = ManagementFactory.getRuntimeMXBean().getStartTime();
    System.out.println(SAID + (System.currentTimeMillis() - begun) * 1e-3);
  }
}
