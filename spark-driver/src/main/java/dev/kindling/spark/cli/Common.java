package dev.kindling.spark.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** What every command takes that reads a configuration. */
final class Common {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key, e.g. train.epochs=2. May be given several times.")
  private List<String> overrides = List.of();

  @Option(names = "--verbose", description = "Shows the stack trace of an error.")
  private boolean isVerbose;

  List<String> overrides() {
    return overrides;
  }
}
