package dev.kindling.spark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A run of the command line on a small network and a few drawn digits; its folder and files. */
record CommandLineRun(Path folder) {
  /** Steps of an epoch: 600 rows in batches of 50. */
  static final int STEPS = 12;

  static CommandLineRun prepare(Path folder) throws IOException {
    IdxFiles.write(folder, 600, 100);
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        data: {format: idx, path: %s, mean: 0.1307, deviation: 0.3081}
        model:
          - Flatten
          - Linear: {in: 784, out: 16}
          - ReLU
          - Linear: {in: 16, out: 10}
        loss: CrossEntropyLoss
        optimizer: {Adam: {lr: 0.001}}
        train: {epochs: 4, batch_size: 50, replicas: 2}
        cluster: {master: "local[2]", workers: 2}
        """
            .formatted(folder));
    return new CommandLineRun(folder);
  }

  /** What a command returned and what it wrote to the error stream. */
  record Result(int code, String errors) {}

  Path directory(String name) {
    return folder.resolve(name);
  }

  /** The arguments of {@code train}. */
  List<String> training(String name, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                folder.resolve("config.yaml").toString(),
                "--run-dir",
                directory(name).toString()));
    arguments.addAll(Arrays.asList(more));
    return arguments;
  }

  Result train(String name, String... more) {
    return run(training(name, more));
  }

  Result resume(String name, String... more) {
    List<String> arguments = new ArrayList<>(List.of("resume", directory(name).toString()));
    arguments.addAll(Arrays.asList(more));
    return run(arguments);
  }

  static Result run(List<String> arguments) {
    StringWriter errors = new StringWriter();
    int code = Main.run(new PrintWriter(errors, true), arguments.toArray(String[]::new));
    return new Result(code, errors.toString());
  }

  /** The command line in a process of its own, which writes to a file of the folder. */
  Process start(List<String> arguments, String log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(
        List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }

  JsonNode summary(String name) throws IOException {
    return new ObjectMapper().readTree(directory(name).resolve("summary.json").toFile());
  }

  String hash(String name) throws IOException {
    return summary(name).get("parameters_sha256").asText();
  }

  List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(directory(name).resolve("metrics.jsonl"))) {
      events.add(new ObjectMapper().readTree(line));
    }
    return events;
  }
}
