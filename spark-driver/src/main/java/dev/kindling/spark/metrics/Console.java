package dev.kindling.spark.metrics;

import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.StepSplit;
import dev.kindling.spark.job.TrainingListener;
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
  private static final String ROW = "%5s  %10s  %9s  %9s  %8s  %8s  %9s  %s%n";

  /** Its parts: rows and arithmetic, waiting and adding gradients, the update rule. */
  private static final String STEP = "ms a step: compute + exchange + update";

  private final PrintStream out;
  private final boolean isTerminal;
  private RunPlan run;
  private long startStep;
  private int workers;
  private ProgressBar bar;

  /** Prints to {@code out}. */
  public Console(PrintStream out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  @Override
  public void started(RunPlan plan, int workerCount, long step) {
    run = plan;
    workers = workerCount;
    startStep = step;
    print(
        "%,d parameters, %,d training samples, workers: %d, replicas: %d, batch %d, %d steps an epoch",
        plan.training().layout().parameters(),
        plan.rows(),
        workerCount,
        plan.training().replicas(),
        plan.training().batchSize(),
        plan.stepsPerEpoch());
    if (step > 0) {
      print("resumed at step %d of %d", step, plan.totalSteps());
    }
    row("epoch", "train loss", "train acc", "test loss", "test acc", "seconds", "samples/s", STEP);
  }

  private void print(String text, Object... values) {
    out.println(String.format(Locale.ROOT, text, values));
  }

  private void row(Object... cells) {
    out.printf(Locale.ROOT, ROW, cells);
    out.flush();
  }

  @Override
  public void progressed(Progress progress) {
    if (!isTerminal || run.endsEpoch(progress.step())) {
      return;
    }
    if (bar == null) {
      bar = open(progress.step() / run.stepsPerEpoch());
    }
    bar.stepTo(progress.step() % run.stepsPerEpoch());
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.4f acc %.4f, %,.0f samples/s, %d workers, %.0f %% exchange",
            progress.epoch().loss(),
            progress.epoch().accuracy(),
            progress.epoch().count() / progress.seconds(),
            workers,
            100 * progress.exchangeShare()));
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
  public void epochEnded(EpochResult result) {
    close();
    if (result.step() == startStep) {
      return; // shown before the run was interrupted
    }
    boolean hasTest = result.test().count() > 0;
    row(
        result.epoch(),
        fixed(result.train().loss()),
        fixed(result.train().accuracy()),
        hasTest ? fixed(result.test().loss()) : "-",
        hasTest ? fixed(result.test().accuracy()) : "-",
        String.format(Locale.ROOT, "%.2f", result.trainSeconds()),
        String.format(Locale.ROOT, "%,.0f", result.samplesPerSecond()),
        parts(result.split()));
  }

  private static String parts(StepSplit split) {
    return String.format(
        Locale.ROOT,
        "%.3f + %.3f + %.3f",
        split.compute(),
        split.exchange() + split.waiting(),
        split.optimizer());
  }

  private static String fixed(double number) {
    return String.format(Locale.ROOT, "%.4f", number);
  }

  @Override
  public void restarted(int restarts, int workerCount, String reason) {
    close();
    workers = workerCount;
    print("workers lost (%s); going on with %d", reason, workerCount);
  }

  @Override
  public void checkpointFailed(String reason) {
    close();
    print("warning: no checkpoint was written (%s); training goes on", reason);
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
