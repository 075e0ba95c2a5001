package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FederatedCommandTest {
  @TempDir Path folder;

  private CommandLineRun prepare() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(
        folder.resolve("federated.yaml"),
        Files.readString(folder.resolve("config.yaml"))
                .replaceAll("optimizer: .*", "optimizer: {SGD: {lr: 0.1}}")
                .replaceAll("train: .*", "train: {seed: 4}")
            + """
            federated:
              rounds: 4
              clients: 12
              fraction: 0.5
              local_epochs: 2
              local_batch_size: 10
              partition: {LabelShards: {shards: 2}}
              server: {FedAvgM: {momentum: 0.5}}
              drop_out: 0.2
              checkpoint_every: 1
            """);
    return runs;
  }

  private static CommandLineRun.Result federated(CommandLineRun runs, String name, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "federated",
                runs.folder().resolve("federated.yaml").toString(),
                "--run-dir",
                runs.directory(name).toString()));
    arguments.addAll(Arrays.asList(more));
    return CommandLineRun.run(arguments);
  }

  @Test
  void aRunLeavesItsDirectoryAndGoesOnToTheSameBits() throws IOException {
    CommandLineRun runs = prepare();
    CommandLineRun.Result whole = federated(runs, "whole");
    assertThat(whole.code()).as(whole.errors()).isZero();
    assertThat(runs.directory("whole").toFile().list())
        .contains(
            "config.yaml", "metrics.jsonl", "summary.json", "model.safetensors", "checkpoints");
    List<JsonNode> rounds = runs.metrics("whole");
    assertThat(rounds).hasSize(4);
    assertThat(rounds.get(3).get("answered").size())
        .isPositive()
        .isLessThanOrEqualTo(rounds.get(3).get("asked").asInt());
    assertThat(rounds.get(3).get("test_accuracy"))
        .isEqualTo(runs.summary("whole").get("test_accuracy"));

    String elsewhere = "checkpoint.path=" + folder.resolve("mounted").toUri();
    assertThat(federated(runs, "half", "--set", "federated.rounds=2", "--set", elsewhere).code())
        .isZero();
    assertThat(runs.directory("half").toFile().list()).doesNotContain("checkpoints");
    CommandLineRun.Result resumed =
        runs.resume("half", "--set", "federated.rounds=4", "--set", "cluster.master=local[1]");
    assertThat(resumed.code()).as(resumed.errors()).isZero();
    assertThat(runs.hash("half")).isEqualTo(runs.hash("whole"));
    assertThat(runs.metrics("half")).hasSize(4);
    assertThat(runs.resume("half", "--set", "federated.clients=3").errors())
        .contains("a resumed federated run may change");
  }

  /** Any file system of Hadoop's is reached by an address; that of the local disk too. */
  @Test
  void aRunDirectoryElsewhereGoesOnAndIsCompared() throws IOException {
    CommandLineRun runs = prepare();
    assertThat(federated(runs, "here", "--set", "federated.rounds=3").code()).isZero();
    String there = folder.resolve("mounted/there").toUri().toString();
    List<String> command =
        List.of(
            "federated",
            runs.folder().resolve("federated.yaml").toString(),
            "--run-dir",
            there,
            "--set",
            "federated.rounds=2");
    CommandLineRun.Result result = CommandLineRun.run(command);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(CommandLineRun.run(command).errors()).contains(there + " holds another run");
    result = CommandLineRun.run(List.of("resume", there, "--set", "federated.rounds=3"));
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.hash("mounted/there")).isEqualTo(runs.hash("here"));
    assertThat(runs.metrics("mounted/there")).hasSize(3);
    assertThat(folder.resolve("mounted/there").toFile().list()).contains("checkpoints", "log.txt");

    String into = there.replace("/there", "/side-by-side");
    result =
        CommandLineRun.run(
            List.of(
                "compare",
                there,
                runs.directory("here").toString(),
                "--x",
                "round",
                "--into",
                into));
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(Files.readAllLines(folder.resolve("mounted/side-by-side/table.csv")))
        .hasSize(3)
        .anyMatch(row -> row.startsWith("there,3,"))
        .anyMatch(row -> row.startsWith("here,3,"));
    assertThat(folder.resolve("mounted/side-by-side/chart.png")).isNotEmptyFile();
  }

  /** Six are wanted of twelve, eleven asked: which six came first depends on the machine. */
  @Test
  void whatWasRecordedIsRepeatedToTheSameBits() throws IOException {
    CommandLineRun runs = prepare();
    String more = "federated.over_selection=1.8";
    CommandLineRun.Result first = federated(runs, "first", "--set", more);
    assertThat(first.code()).as(first.errors()).isZero();
    CommandLineRun.Result again =
        federated(runs, "again", "--set", more, "--replay", runs.directory("first").toString());
    assertThat(again.code()).as(again.errors()).isZero();
    assertThat(runs.hash("again")).isEqualTo(runs.hash("first"));
    assertThat(runs.metrics("again").get(3).get("answered"))
        .isEqualTo(runs.metrics("first").get(3).get("answered"));
    assertThat(
            federated(
                    runs,
                    "x",
                    "--set",
                    more,
                    "--set",
                    "federated.rounds=5",
                    "--replay",
                    runs.directory("first").toString())
                .errors())
        .contains("round 5 is not among the recorded ones (4 rounds)");
  }

  @Test
  void aTableHoldsWhatIsPublishedAndTheSpeedUp() throws IOException {
    CommandLineRun runs = prepare();
    assertThat(federated(runs, "slow", "--set", "federated.rounds=2").code()).isZero();
    assertThat(federated(runs, "fast", "--set", "federated.rounds=1").code()).isZero();
    Files.writeString(
        folder.resolve("paper.csv"),
        "run,baseline,published\nslow,slow,1474\nfast,slow,87\nother,slow,1\n");
    List<String> command =
        new ArrayList<>(
            List.of(
                "compare",
                runs.directory("slow").toString(),
                runs.directory("fast").toString(),
                "--x",
                "round",
                "--target",
                "0.1",
                "--published",
                folder.resolve("paper.csv").toString(),
                "--into",
                folder.resolve("table").toString()));
    CommandLineRun.Result result = CommandLineRun.run(command);
    assertThat(result.code()).as(result.errors()).isZero();
    List<String> rows = Files.readAllLines(folder.resolve("table/table.csv"));
    assertThat(rows.get(0)).endsWith(",reached,published,speed_up,published_speed_up");
    assertThat(rows.get(1)).startsWith("slow,2,").endsWith(",1,1474,1.0,1.0");
    assertThat(rows.get(2)).startsWith("fast,1,").endsWith(",1,87,1.0,16.9");
    Files.writeString(folder.resolve("paper.csv"), "run,baseline,published\nslow,slow,many\n");
    assertThat(CommandLineRun.run(command).errors())
        .contains("paper.csv, line 2: 'slow,slow,many'");
  }

  @Test
  void privacyIsToldInEveryRound() throws IOException {
    CommandLineRun runs = prepare();
    CommandLineRun.Result result =
        federated(
            runs,
            "secret",
            "--set",
            "federated.privacy={clip: 0.5, noise_multiplier: 1.1, delta: 0.001}",
            "--set",
            "federated.rounds=2");
    assertThat(result.code()).as(result.errors()).isZero();
    List<JsonNode> rounds = runs.metrics("secret");
    assertThat(rounds.get(0).get("epsilon").asDouble()).isPositive();
    assertThat(rounds.get(1).get("epsilon").asDouble())
        .isGreaterThan(rounds.get(0).get("epsilon").asDouble());
    for (JsonNode round : rounds) { // who took part is secret, and how many too
      assertThat(round.fieldNames())
          .toIterable()
          .containsExactlyInAnyOrder(
              "event", "round", "test_loss", "test_accuracy", "epsilon", "seconds");
    }
  }

  @Test
  void whatIsWrittenWronglyIsNamed() throws IOException {
    CommandLineRun runs = prepare();
    assertThat(federated(runs, "x", "--set", "federated.round=3").errors())
        .contains("unknown key 'round' in federated; did you mean 'rounds'?");
    assertThat(federated(runs, "x", "--set", "federated.server.type=FedAvgN").errors())
        .contains("did you mean 'FedAvg'?");
    assertThat(federated(runs, "x", "--set", "federated.fraction=0").errors())
        .contains("federated.fraction is 0.0; it must be in (0, 1]");
    assertThat(
            CommandLineRun.run(List.of("federated", folder.resolve("config.yaml").toString()))
                .errors())
        .contains("the section 'federated' is missing");
  }
}
