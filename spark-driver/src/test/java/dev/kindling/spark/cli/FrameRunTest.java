package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line on files that Spark reads: train, resume, evaluate, predict. */
class FrameRunTest {
  private static final long SEED = 5;
  @TempDir static Path folder;

  /** What the terminal showed of the one run that most tests look at. */
  private static String shown;

  @BeforeAll
  static void trainOnce() throws IOException {
    writeData();
    shown = printed(() -> assertRuns("train", path("config.yaml"), "--run-dir", path("run")));
  }

  private static void writeData() throws IOException {
    Files.writeString(folder.resolve("train.csv"), flats(400, SEED));
    Files.writeString(folder.resolve("test.csv"), flats(100, SEED + 1));
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        data:
          format: csv
          path: %s/train.csv
          test_path: %s/test.csv
          features:
            - number: {name: area, standardise: true, missing: median}
            - one_hot: {name: city}
            - rooms
          label: {index: {name: size}}
          bad_rows: {skip: 3}
        model:
          - Linear: {in: 5, out: 8}
          - ReLU
          - Linear: {in: 8, out: 2}
        loss: CrossEntropyLoss
        optimizer: {Adam: {lr: 0.02}}
        train: {epochs: 6, batch_size: 20, replicas: 2}
        cluster: {master: "local[2]", workers: 2}
        """
            .formatted(folder, folder));
  }

  /** Flats above 60 square metres are large; some have no area, one no number. */
  private static String flats(int count, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("area,city,rooms,size\n");
    for (int i = 0; i < count; i++) {
      int area = 20 + random.nextInt(80);
      String written = i == 7 ? "big" : i % 50 == 9 ? "" : String.valueOf(area);
      String city = List.of("Rome", "Oslo", "Bern").get(random.nextInt(3));
      text.append(
          "%s,%s,%d,%s%n".formatted(written, city, 1 + area / 25, area > 60 ? "large" : "small"));
    }
    return text.toString();
  }

  private static CommandLineRun.Result run(String... arguments) {
    return CommandLineRun.run(new ArrayList<>(Arrays.asList(arguments)));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static List<String> written(String name) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private static String printed(Runnable command) {
    PrintStream screen = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      command.run();
    } finally {
      System.setOut(screen);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void skippedRowsAreCountedOnTheScreen() {
    assertThat(shown)
        .containsPattern("1 bad rows skipped, the first: .*train.csv, row 8: column 'area'.*big");
    String predicted =
        printed(
            () ->
                assertRuns(
                    "predict",
                    path("run"),
                    "--input",
                    path("test.csv"),
                    "--output",
                    path("skipped")));
    assertThat(predicted).containsPattern("1 bad rows skipped, the first: .*test.csv, row 8");
  }

  private static void assertRuns(String... arguments) {
    CommandLineRun.Result result = run(arguments);
    assertThat(result.code()).as(result.errors()).isZero();
  }

  /** The same rows, written by Spark, give the same bits. */
  @Test
  void parquetAndJsonTrainAsCsvDoes() throws IOException {
    SparkSession spark = LocalSpark.start();
    try {
      for (String name : List.of("train", "test")) {
        Dataset<Row> rows =
            spark
                .read()
                .option("header", true)
                .schema("area string, city string, rooms int, size string")
                .csv(path(name + ".csv"));
        rows.write().parquet(path(name + ".parquet"));
        rows.write().json(path(name + ".json"));
      }
    } finally {
      spark.stop();
    }
    for (String format : List.of("parquet", "json")) {
      assertRuns(
          "train",
          path("config.yaml"),
          "--run-dir",
          path("run-" + format),
          "--set",
          "data.format=" + format,
          "--set",
          "data.path=" + path("train." + format),
          "--set",
          "data.test_path=" + path("test." + format));
      CommandLineRun runs = new CommandLineRun(folder);
      assertThat(runs.hash("run-" + format)).isEqualTo(runs.hash("run"));
    }
  }

  @Test
  void columnsOfACsvFileTrainEvaluateAndPredict() throws IOException {
    CommandLineRun all = new CommandLineRun(folder);
    assertThat(all.summary("run").get("test_accuracy").asDouble()).isGreaterThan(0.9);
    assertThat(Files.readString(folder.resolve("run/features.json"))).contains("Rome", "large");

    CommandLineRun.Result evaluated = run("evaluate", path("run"));
    assertThat(evaluated.code()).as(evaluated.errors()).isZero();

    // the row that is no number cannot be predicted: it is left out of the input
    Files.writeString(
        folder.resolve("new.csv"), "area,city,rooms\n90,Oslo,4\n25,Rome,2\n,Bern,3\n");
    for (String format : List.of("csv", "json", "parquet")) {
      CommandLineRun.Result predicted =
          run(
              "predict",
              path("run"),
              "--input",
              path("new.csv"),
              "--keep",
              "area",
              "--output",
              path(format),
              "--output-format",
              format);
      assertThat(predicted.code()).as(predicted.errors()).isZero();
    }
    assertThat(written("json"))
        .hasSize(3)
        .anyMatch(line -> line.contains("\"category\":\"large\""));
    assertThat(written("csv"))
        .hasSize(4)
        .contains("area,prediction,category,probability")
        .anyMatch(line -> line.startsWith("25,1.0,small,"));

    CommandLineRun.Result again =
        run("predict", path("run"), "--input", path("new.csv"), "--output", path("csv"));
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.errors()).contains("is there already");
  }

  @Test
  void aResumedRunReadsAsTheFirstHasLearned() throws IOException {
    run("train", path("config.yaml"), "--run-dir", path("half"), "--set", "train.epochs=3");
    assertThat(run("resume", path("half"), "--set", "train.epochs=6").code()).isZero();
    CommandLineRun all = new CommandLineRun(folder);
    assertThat(all.hash("half")).isEqualTo(all.hash("run"));
  }

  /** 399 good rows; the tenth part is held out, whatever the workers. */
  @Test
  void aShareOfTheTrainingRowsIsEvaluatedAndSteersTheRun() throws IOException {
    CommandLineRun all = new CommandLineRun(folder);
    for (String workers : List.of("1", "2")) {
      CommandLineRun.Result result =
          run(
              "train",
              path("config.yaml"),
              "--run-dir",
              path("held-" + workers),
              "--set",
              "cluster.workers=" + workers,
              "--set",
              "data.validation.fraction=0.1",
              "--set",
              "train.early_stopping={patience: 4}");
      assertThat(result.code()).as(result.errors()).isZero();
    }
    assertThat(all.hash("held-1")).isEqualTo(all.hash("held-2"));
    assertThat(all.summary("held-1").get("test_accuracy").asDouble()).isGreaterThan(0.8);
    assertThat(Files.readString(folder.resolve("held-1/config.yaml")))
        .contains("validation", "fraction: 0.1");
    assertThat(run("evaluate", path("held-1")).code()).isZero();
    assertThat(run("train", path("config.yaml"), "--set", "data.validation.fraction=1").errors())
        .contains("data.validation.fraction is 1.0", "above 0 and below 1");
  }

  @Test
  void badInputIsNamed() {
    assertThat(
            run(
                "train",
                path("config.yaml"),
                "--run-dir",
                path("r"),
                "--set",
                "data.bad_rows=fail"))
        .satisfies(
            result -> {
              assertThat(result.code()).isEqualTo(3);
              assertThat(result.errors()).contains("train.csv, row 8", "'area'", "'big'");
            });
    assertThat(run("train", path("config.yaml"), "--set", "data.features=[aera]"))
        .satisfies(
            result -> {
              assertThat(result.code()).isEqualTo(3);
              assertThat(result.errors()).contains("no column 'aera'");
            });
    assertThat(run("train", path("config.yaml"), "--set", "data.path=/no/such.csv"))
        .satisfies(
            result -> {
              assertThat(result.code()).isEqualTo(3);
              assertThat(result.errors()).contains("/no/such.csv");
            });
    assertThat(run("train", path("config.yaml"), "--set", "data.features=[{onehot: {name: city}}]"))
        .satisfies(
            result -> {
              assertThat(result.code()).isEqualTo(2);
              assertThat(result.errors()).contains("onehot", "one_hot");
            });
  }

  @Test
  void imagesOfIdxFilesArePredictedByTheirOwnReader() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    CommandLineRun digits = CommandLineRun.prepare(images);
    assertThat(digits.train("run").code()).isZero();
    CommandLineRun.Result predicted =
        run(
            "predict",
            digits.directory("run").toString(),
            "--input",
            images.toString(),
            "--option",
            "part=test",
            "--keep",
            "label",
            "--output",
            path("said"),
            "--output-format",
            "csv");
    assertThat(predicted.code()).as(predicted.errors()).isZero();
    List<String> rows = written("said").stream().filter(line -> !line.startsWith("l")).toList();
    assertThat(rows).hasSize(100);
    long right =
        rows.stream().map(row -> row.split(",")).filter(r -> (r[0] + ".0").equals(r[1])).count();
    assertThat(right).isGreaterThan(60);
  }
}
