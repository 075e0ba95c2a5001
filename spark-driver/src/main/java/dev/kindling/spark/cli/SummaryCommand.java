package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.TrainingConfig;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the parameters of a configuration's network. */
@Command(
    name = "summary",
    mixinStandardHelpOptions = true,
    description = "Prints the parameters of a configuration's network.")
final class SummaryCommand implements Callable<Integer> {
  private static final String ROW = "%-24s %-18s %12s%n";

  @Mixin private ConfigArguments arguments;

  @Override
  public Integer call() {
    RunConfig config = arguments.read();
    TrainingConfig training = config.training(1);
    System.out.printf(ROW, "parameter", "shape", "elements");
    for (Slot slot : training.layout().parameterSlots()) {
      String elements = String.format(Locale.ROOT, "%,d", slot.length());
      System.out.printf(ROW, slot.name(), slot.shape(), elements);
    }
    System.out.printf(
        ROW, "all", "", String.format(Locale.ROOT, "%,d", training.layout().parameters()));
    return ExitCode.DONE;
  }
}
