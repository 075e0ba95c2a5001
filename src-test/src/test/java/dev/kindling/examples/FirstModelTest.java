package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** The example of the first page runs on a session without settings, and is what the page shows. */
class FirstModelTest {
  @Test
  void tellsThreeCloudsOfPointsApart() {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    try {
      Dataset<Row> predicted = FirstModel.run(spark);
      assertThat(predicted.columns())
          .containsExactly("label", "features", "prediction", "probability");
      assertThat(predicted.where("label = prediction").count()).isGreaterThan(2800);
      Row first = predicted.select("probability").first();
      assertThat(first.<Float>getList(0).stream().mapToDouble(Float::doubleValue).sum())
          .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    } finally {
      spark.stop();
    }
  }

  @Test
  void theReadmeShowsThisProgram() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java").resolve("dev/kindling/examples/FirstModel.java"));
    String shown =
        source
            .substring(source.indexOf("// README: from here"), source.indexOf("// to here"))
            .lines()
            .skip(1)
            .map(line -> line.replaceFirst("^ {4}", ""))
            .collect(Collectors.joining("\n"))
            .stripTrailing();
    assertThat(Files.readString(Path.of("../README.md"))).contains(shown);
  }
}
