package dev.kindling.spark.metrics;

import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.MetricSums;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * What a person sees of a run: one live line on a terminal, and a row of a table for each epoch.
 * Without a terminal only the rows.
 */
public final class Console implements TrainingListener, AutoCloseable {
  private static final String ROW = "%5s  %10s  %9s  %9s  %8s  %8s  %9s%n";

  private final PrintStream out;
  private final boolean isTerminal;
  private RunPlan run;
  private ProgressBar bar;

  /** Prints to {@code out}. */
  public Console(PrintStream out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  @Override
  public void started(RunPlan plan, int workers) {
    run = plan;
    out.printf(
        Locale.ROOT,
        "%,d parameters, %,d training samples, %d workers, %d replicas, batch %d, %d steps an epoch%n",
        plan.training().layout().parameters(),
        plan.rows(),
        workers,
        plan.training().replicas(),
        plan.training().batchSize(),
        plan.stepsPerEpoch());
    out.printf(
        Locale.ROOT,
        ROW,
        "epoch",
        "train loss",
        "train acc",
        "test loss",
        "test acc",
        "seconds",
        "samples/s");
  }

  @Override
  public void progressed(long step, MetricSums epoch, double seconds) {
    if (!isTerminal || run == null || run.endsEpoch(step)) {
      return;
    }
    if (bar == null) {
      bar = open(step / run.stepsPerEpoch());
    }
    bar.stepTo(step % run.stepsPerEpoch());
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.4f acc %.4f %,.0f samples/s",
            epoch.loss(),
            epoch.accuracy(),
            epoch.count() / seconds));
  }

  private ProgressBar open(long epochsDone) {
    return new ProgressBarBuilder()
        .setTaskName("epoch %d/%d".formatted(epochsDone + 1, run.training().epochs()))
        .setInitialMax(run.stepsPerEpoch())
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .clearDisplayOnFinish()
        .build();
  }

  @Override
  public void epochEnded(EpochResult result, float[] values) {
    close();
    out.printf(
        Locale.ROOT,
        ROW,
        result.epoch(),
        "%.4f".formatted(result.train().loss()),
        "%.4f".formatted(result.train().accuracy()),
        result.test().count() == 0 ? "-" : "%.4f".formatted(result.test().loss()),
        result.test().count() == 0 ? "-" : "%.4f".formatted(result.test().accuracy()),
        "%.2f".formatted(result.trainSeconds()),
        String.format(Locale.ROOT, "%,.0f", result.samplesPerSecond()));
    out.flush();
  }

  @Override
  public void restarted(int restarts, String reason) {
    close();
    out.printf("workers lost (%s); starting them again%n", reason);
  }

  /** Takes the live line away. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
