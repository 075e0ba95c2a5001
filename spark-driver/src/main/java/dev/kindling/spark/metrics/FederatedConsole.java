package dev.kindling.spark.metrics;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.RoundResult;
import dev.kindling.spark.federated.FederatedListener;
import dev.kindling.spark.federated.RoundReport;
import dev.kindling.train.MetricSums;
import java.io.PrintStream;
import java.util.Locale;

/** What a person sees of a federated run: a row of a table for each round. */
public final class FederatedConsole implements FederatedListener {
  private static final String ROW = "%6s  %13s  %10s  %9s  %9s  %8s  %8s  %8s%n";

  private final PrintStream out;
  private boolean isPrivate;

  /** Prints to {@code out}. */
  public FederatedConsole(PrintStream out) {
    this.out = out;
  }

  @Override
  public void started(FederatedConfig config, int clients, long rows, int round) {
    isPrivate = config.clientPrivacy().isPresent();
    out.printf(
        Locale.ROOT,
        "%,d parameters, %,d clients with %,d samples, %s, C %s, E %d, B %s%n",
        config.layout().parameters(),
        clients,
        rows,
        config.algorithm().toSpec(),
        config.participation().fraction(),
        config.local().epochs(),
        config.local().batchSize() == 0 ? "all" : config.local().batchSize());
    if (round > 0) {
      out.printf(Locale.ROOT, "resumed after round %d of %d%n", round, config.rounds());
    }
    out.printf(
        ROW,
        "round",
        "answered",
        "train loss",
        "train acc",
        "test loss",
        "test acc",
        "seconds",
        isPrivate ? "epsilon" : "");
  }

  @Override
  public void roundEnded(RoundReport report) {
    RoundResult result = report.result();
    out.printf(
        ROW,
        result.round(),
        isPrivate ? "-" : "%d of %d".formatted(result.answered().length, result.asked()),
        fixed(result.train(), result.train().loss()),
        fixed(result.train(), result.train().accuracy()),
        fixed(report.test(), report.test().loss()),
        fixed(report.test(), report.test().accuracy()),
        String.format(Locale.ROOT, "%.2f", report.seconds()),
        isPrivate ? String.format(Locale.ROOT, "%.3f", result.epsilon()) : "");
    out.flush();
  }

  private static String fixed(MetricSums sums, double number) {
    return sums.count() == 0 ? "-" : String.format(Locale.ROOT, "%.4f", number);
  }

  @Override
  public void checkpointFailed(String reason) {
    out.printf("warning: no checkpoint was written (%s); the run goes on%n", reason);
  }
}
