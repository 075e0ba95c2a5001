package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM whose heap holds a quarter of the rows trains on all of them. */
class SmallHeapTest {
  private static final int HEAP = 112 << 20;
  private static final int FEATURES = 1 << 16;
  private static final int ROWS = 4 * HEAP / FEATURES;

  @TempDir Path folder;

  @Test
  void dataFourTimesTheHeapTrain() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add") || argument.startsWith("-Djdk"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx" + HEAP,
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + folder,
            "-cp",
            System.getProperty("java.class.path"),
            SmallHeapTest.class.getName()));
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor()).as(() -> tail(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(log)).contains("trained on %d rows".formatted(ROWS));
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** What the small JVM does. */
  public static void main(String[] arguments) {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("small heap")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "localhost")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.testing.reservedMemory", "0") // Spark wants 450 MB otherwise
            .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .set("spark.kryo.registrator", KryoClasses.class.getName());
    TrainingConfig config =
        new TrainingConfig(
            new Sequential(new Linear(FEATURES, 2)),
            new CrossEntropyLoss(),
            new SGD(1e-4),
            new Schedule.Constant(),
            32,
            1,
            2,
            1);
    List<Long> rows = new ArrayList<>();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void started(RunPlan run, int workers, long step) {
            rows.add(run.rows());
          }
        };
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      new TrainingJob(spark, config, JobOptions.of(2), List.of(counting))
          .run(DatasetRows.drawn(spark, Noise::new), Optional.empty());
    }
    System.out.printf("trained on %d rows%n", rows.get(0));
  }

  /** Random bytes, two classes. */
  record Noise() implements Dataset {
    @Override
    public RowFormat format() {
      return new RowFormat(
          List.of(FEATURES), ElementType.UINT8, Target.label(2), Normalisation.pixels());
    }

    @Override
    public int size() {
      return ROWS;
    }

    @Override
    public byte[] row(int index) {
      byte[] bytes = new byte[FEATURES];
      new SplittableRandom(index).nextBytes(bytes);
      return new RowEncoder(format()).bytes(bytes, 0).label(index % 2).row();
    }
  }
}
