package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kindling summary}: the layers of a configuration's network. */
class SummaryCommandTest {
  @TempDir Path folder;

  private Printed summary(String data, String model, String... more) throws IOException {
    Path file = folder.resolve("config.yaml");
    Files.writeString(
        file,
        """
        data: %s
        model: %s
        loss: CrossEntropyLoss
        optimizer: {SGD: {lr: 0.1}}
        """
            .formatted(data, model));
    String[] arguments = new String[2 + more.length];
    arguments[0] = "summary";
    arguments[1] = file.toString();
    System.arraycopy(more, 0, arguments, 2, more.length);
    return Printed.by(arguments);
  }

  private static String row(Printed printed, String layer) {
    return printed
        .output()
        .lines()
        .filter(line -> line.contains(layer))
        .findFirst()
        .orElseThrow(() -> new AssertionError(printed.toString()));
  }

  @Test
  void everyLayerHasItsOutputParametersAndMultiplyAdds() throws IOException {
    Printed printed =
        summary(
            "{format: digits}",
            "[Conv2d: {in: 1, out: 4, kernel: 5}, ReLU, Flatten, Linear: {in: 2304, out: 10}]");
    assertThat(printed.code()).as(printed.errors()).isZero();
    assertThat(row(printed, "input")).contains("[1,28,28]");
    assertThat(row(printed, "Conv2d")).contains("[4,24,24]", "104", "57,600"); // 4 (25 + 1)
    assertThat(row(printed, "Linear")).contains("[10]", "23,050", "23,040");
    assertThat(row(printed, "total")).contains("23,154", "80,640");
  }

  @Test
  void columnsOfATableAreTheInput() throws IOException {
    Printed printed =
        summary(
            "{format: csv, path: rows.csv, features: [a, b, c], label: d}",
            "[Linear: {in: 3, out: 2}]");
    assertThat(printed.code()).as(printed.errors()).isZero();
    assertThat(row(printed, "input")).contains("[3]");
    assertThat(row(printed, "total")).contains("8", "6");
  }

  @Test
  void aKeyCanBeSetAndALayerThatDoesNotFitIsNamed() throws IOException {
    Printed printed =
        summary(
            "{format: digits}",
            "[Flatten]",
            "--set",
            "model=[Flatten, Linear: {in: 783, out: 10}]");
    assertThat(printed.code()).isNotZero();
    assertThat(printed.output()).isEmpty();
    assertThat(printed.errors())
        .contains("Linear(in=783, out=10)", "[1,784]", "the input's last size must be 783");
  }
}
