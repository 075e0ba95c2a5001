package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are there already: the values of a column, or Spark's partitions of files. */
class FederatedFrameRunTest {
  @TempDir Path folder;

  /** The points (x, 2x + 1) of five hospitals; one has no x. */
  @BeforeEach
  void prepare() throws IOException {
    StringBuilder rows = new StringBuilder("hospital,x,y\n");
    for (int i = 0; i < 100; i++) {
      double x = i % 10 / 10.0;
      rows.append("hospital %d,%s,%s%n".formatted(i % 5, i == 42 ? "" : "" + x, 2 * x + 1));
    }
    Files.writeString(folder.resolve("train.csv"), rows);
    Files.writeString(
        folder.resolve("federated.yaml"),
        """
        data:
          format: csv
          path: %1$s/train.csv
          test_path: %1$s/train.csv
          features: x
          label: y
          bad_rows: {skip: 1}
        model:
          - Linear: {in: 1, out: 1}
        loss: MSELoss
        optimizer: {SGD: {lr: 0.5}}
        train: {seed: 4}
        cluster: {master: "local[2]"}
        federated:
          rounds: 3
          fraction: 1
          local_epochs: 2
          local_batch_size: all
        """
            .formatted(folder));
  }

  private CommandLineRun.Result federated(String name, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "federated",
                folder.resolve("federated.yaml").toString(),
                "--run-dir",
                folder.resolve(name).toString()));
    Arrays.stream(settings).forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return CommandLineRun.run(arguments);
  }

  @Test
  void theValuesOfAColumnAreTheClients() throws IOException {
    CommandLineRun runs = new CommandLineRun(folder);
    CommandLineRun.Result result = federated("groups", "data.group=hospital");
    assertThat(result.code()).as(result.errors()).isZero();
    List<JsonNode> rounds = runs.metrics("groups");
    assertThat(rounds).hasSize(3);
    assertThat(rounds.get(0).get("asked").asInt()).isEqualTo(5);
    assertThat(Files.readString(folder.resolve("groups/config.yaml"))).contains("clients: group");
    result =
        runs.resume("groups", "--set", "federated.rounds=4", "--set", "cluster.master=local[3]");
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(
            federated(
                    "whole",
                    "data.group=hospital",
                    "federated.clients=group",
                    "federated.rounds=4",
                    "federated.over_selection=2") // smaller partitions, nobody more to ask
                .code())
        .isZero();
    assertThat(runs.hash("groups")).isEqualTo(runs.hash("whole"));
    assertThat(federated("bad", "data.group=hospital", "data.bad_rows=fail").errors())
        .contains("train.csv, row 43", "column 'x'");
  }

  /** Spark may read several small files as one partition; whose file it is says a column. */
  @Test
  void aPartitionIsAClientAndAFileCanBe() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    for (String name : List.of("a.csv", "b.csv", "c.csv")) {
      Files.copy(folder.resolve("train.csv"), parts.resolve(name));
    }
    String all = "data.path=" + parts;
    String skip = "data.bad_rows={skip: 3}";
    CommandLineRun runs = new CommandLineRun(folder);
    CommandLineRun.Result result =
        federated("partitions", "federated.clients=partition", all, skip);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.metrics("partitions").get(0).get("asked").asInt()).isBetween(1, 3);
    assertThat(Files.readString(folder.resolve("partitions/config.yaml")))
        .contains("clients: partition");
    assertThat(federated("x", "federated.clients=partition", all, "data.bad_rows={skip: 2}"))
        .satisfies(bad -> assertThat(bad.errors()).contains("at most 2 may be skipped"))
        .satisfies(bad -> assertThat(bad.code()).isEqualTo(ExitCode.DATA));
    result =
        federated(
            "files",
            "data.select=['*', _metadata.file_name AS file]",
            "data.group=file",
            all,
            skip);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.metrics("files").get(0).get("asked").asInt()).isEqualTo(3);
  }

  @Test
  void whatDoesNotGoTogetherIsNamed() {
    assertThat(federated("x", "federated.clients=group").errors())
        .contains("set data.group to the column that says whose a row is");
    assertThat(federated("x", "data.group=hospital", "federated.clients=7").errors())
        .contains("federated.clients is 7, but data.group is 'hospital'");
    assertThat(federated("x", "data.group=hospital", "federated.partition=IID").errors())
        .contains("federated.partition deals rows to made-up clients");
    assertThat(federated("x", "data.group=clinic").errors()).contains("no column 'clinic'");
    assertThat(federated("x", "federated.clients=hospital").errors())
        .contains("federated.clients is 'hospital'; it must be a whole number");
    assertThat(
            federated(
                    "x",
                    "data.group=hospital",
                    "federated.privacy.clip=1",
                    "data.features=[{number: {name: x, standardise: true}}]")
                .errors())
        .contains("privacy: mean, median or deviation of column 'x' would be learned");
  }
}
