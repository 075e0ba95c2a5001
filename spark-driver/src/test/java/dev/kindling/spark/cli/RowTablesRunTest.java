package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.io.Safetensors;
import dev.kindling.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line on the example whose embedding is kept in a table. */
class RowTablesRunTest {
  private static final Path EXAMPLE = Path.of("../deploy/examples/trigrams.yaml");
  private static final Path TEXT = Path.of("../LICENSE");

  @TempDir Path folder;
  private CommandLineRun runs;

  @BeforeEach
  void copyTheExample() throws IOException {
    Files.copy(EXAMPLE, folder.resolve("config.yaml"));
    runs = new CommandLineRun(folder);
  }

  private void train(String name, String... settings) {
    List<String> all = new ArrayList<>();
    Stream.concat(
            Stream.of("data.path=", "data.test_path=").map(key -> key + TEXT.toAbsolutePath()),
            Stream.of(settings))
        .forEach(setting -> all.addAll(List.of("--set", setting)));
    CommandLineRun.Result result = runs.train(name, all.toArray(String[]::new));
    assertThat(result.code()).as(result.errors()).isZero();
  }

  private static void command(String... arguments) {
    CommandLineRun.Result result = CommandLineRun.run(Arrays.asList(arguments));
    assertThat(result.code()).as(result.errors()).isZero();
  }

  @Test
  void theExampleGivesTheSameWithAnyWorkersAndAfterAStop() throws IOException {
    train("two", "cluster.master=local[2]", "cluster.workers=2");
    assertThat(runs.summary("two").get("test_accuracy").asDouble()).isGreaterThan(0.4);
    assertThat(runs.summary("two").get("parameters").asLong()).isEqualTo((1L << 28) + 16 * 96 + 96);
    train(
        "one",
        "cluster.master=local[2]",
        "cluster.workers=1",
        "servers.transport=socket",
        "train.epochs=2");
    command(
        "resume",
        folder.resolve("one").toString(),
        "--set",
        "train.epochs=5",
        "--set",
        "cluster.workers=2");
    assertThat(runs.hash("one")).isEqualTo(runs.hash("two"));
    SafetensorsFile model = Safetensors.read(folder.resolve("one/model.safetensors"));
    int rows = model.tensors().get("0.weight.keys").values().remaining();
    assertThat(rows).isBetween(1_000, 10_000);
    assertThat(model.tensors().get("0.weight.rows").shape()).containsExactly(rows, 16);
    command("evaluate", folder.resolve("one").toString());
    assertThat(predicted("one")).isGreaterThan(0.4);
  }

  /** The share of the text's characters that the network says. */
  private double predicted(String name) throws IOException {
    Path output = folder.resolve("said");
    command(
        "predict",
        folder.resolve(name).toString(),
        "--input",
        TEXT.toAbsolutePath().toString(),
        "--output",
        output.toString(),
        "--output-format",
        "json");
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    ObjectMapper json = new ObjectMapper();
    int right = 0;
    for (String line : lines) {
      JsonNode row = json.readTree(line);
      String said = row.get("category").asText(); // stripped: a space is empty
      right += said.equals(row.get("next").asText().strip()) ? 1 : 0;
    }
    return right / (double) lines.size();
  }
}
