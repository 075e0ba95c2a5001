package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A configuration file and what overrides it. */
final class ConfigArguments {
  @Parameters(paramLabel = "CONFIG", description = "Configuration, YAML.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key, e.g. train.epochs=2. May be given several times.")
  private List<String> overrides = List.of();

  @Option(names = "--verbose", description = "Shows the stack trace of an error.")
  private boolean isVerbose;

  RunConfig read() {
    return RunConfig.read(file, overrides);
  }

  Path file() {
    return file;
  }
}
