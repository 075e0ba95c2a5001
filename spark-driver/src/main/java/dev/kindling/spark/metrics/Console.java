package dev.kindling.spark.metrics;

import dev.kindling.data.Target;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.EvaluationResult;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.StepSplit;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * What a person sees of a run: a row of a table for each epoch, and how far the epoch is ({@link
 * LiveLine}): one line that changes on a terminal, elsewhere a plain line every ten seconds of
 * training.
 */
public final class Console implements TrainingListener, AutoCloseable {
  private static final String ROW = "%5s  %10s  %9s  %9s  %8s  %8s  %9s  %s%n";

  /** Its parts: rows and arithmetic, waiting and adding gradients, the update rule. */
  private static final String STEP = "ms a step: compute + exchange + update";

  /** Where lines stay, one in so many seconds is enough: an epoch shorter than that has none. */
  private static final int PLAIN_SECONDS = 10;

  private static final String NONE = "-";

  private final PrintStream out;
  private final boolean isTerminal;
  private RunPlan run;
  private long startStep;
  private int workers;
  private double secondsBefore;
  private long plainLines;
  private ProgressBar bar;
  private String advice;

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
        plan.training().model().parameterCount(),
        plan.rows(),
        workerCount,
        plan.training().replicas(),
        plan.training().batchSize(),
        plan.stepsPerEpoch());
    if (step > 0) {
      print("resumed at step %d of %d", step, plan.totalSteps());
    }
    if (hasLabels()) {
      row(
          "epoch",
          "train loss",
          "train acc",
          "test loss",
          "test acc",
          "seconds",
          "samples/s",
          STEP);
    } else {
      row("epoch", "train loss", "test loss", "test mae", "test r2", "seconds", "samples/s", STEP);
    }
  }

  private boolean hasLabels() {
    return run.format().target() instanceof Target.Labels;
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
    if (progress.step() == startStep || progress.step() % run.stepsPerEpoch() == 0) {
      return; // no step of this epoch is done
    }
    String line = new LiveLine(run, startStep, secondsBefore, workers, progress).text();
    if (isTerminal) {
      show(line);
    } else {
      printSparingly(line, (long) progress.seconds() / PLAIN_SECONDS);
    }
  }

  /** The library knows the width of the terminal and draws when something has changed. */
  private void show(String line) {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setConsumer(new SameLine(out))
              .setRenderer((state, width) -> fitted(state.getExtraMessage(), width))
              .setUpdateIntervalMillis(200)
              .clearDisplayOnFinish()
              .build();
    }
    bar.setExtraMessage(line);
    bar.step();
  }

  /** Cut to the terminal, and long enough to cover a longer line before. */
  static String fitted(String line, int width) {
    String cut = line.substring(0, Math.min(line.length(), width));
    return cut + " ".repeat(width - cut.length());
  }

  private void printSparingly(String line, long due) {
    if (due > plainLines) {
      plainLines = due;
      print("%s", line);
      out.flush();
    }
  }

  @Override
  public void epochEnded(EpochResult result) {
    close();
    result.batchAdvice(run.training().batchSize()).ifPresent(text -> advice = text);
    if (result.step() == startStep) {
      return; // shown before the run was interrupted
    }
    secondsBefore += result.trainSeconds();
    plainLines = 0;
    row(
        result.epoch(),
        result.train(),
        result.test(),
        result.metrics(),
        String.format(Locale.ROOT, "%.2f", result.trainSeconds()),
        String.format(Locale.ROOT, "%,.0f", result.samplesPerSecond()),
        parts(result.split()));
  }

  /** Amid an epoch: the epochs done in front, without times. */
  @Override
  public void evaluated(EvaluationResult result) {
    close();
    if (result.step() > startStep) {
      double epochs = (double) result.step() / run.stepsPerEpoch();
      String done = String.format(Locale.ROOT, "%.2f", epochs);
      row(done, result.train(), result.test(), result.metrics(), "", "", "");
    }
  }

  private void row(
      Object epoch,
      MetricSums train,
      MetricSums test,
      Evaluation metrics,
      String seconds,
      String speed,
      String parts) {
    Map<String, Double> named = metrics.metrics();
    String testLoss = test.count() > 0 ? fixed(test.loss()) : NONE;
    List<String> figures =
        hasLabels()
            ? List.of(
                fixed(train.accuracy()), testLoss, test.count() > 0 ? fixed(test.accuracy()) : NONE)
            : List.of(testLoss, fixed(named.get("mae")), fixed(named.get("r2")));
    row(
        epoch,
        fixed(train.loss()),
        figures.get(0),
        figures.get(1),
        figures.get(2),
        seconds,
        speed,
        parts);
  }

  @Override
  public void stoppedEarly(EarlyStopping rule, double best, long bestStep) {
    close();
    print(
        "%s has not become better %d times in a row: the run ends; best was %s at step %d%s",
        rule.metric(),
        rule.patience(),
        fixed(best),
        bestStep,
        rule.restoreBest() ? ", whose parameters are kept" : "");
  }

  private static String parts(StepSplit split) {
    return String.format(
        Locale.ROOT,
        "%.3f + %.3f + %.3f",
        split.compute(),
        split.exchange() + split.waiting(),
        split.optimizer());
  }

  private static String fixed(Double number) {
    return number == null ? NONE : String.format(Locale.ROOT, "%.4f", number);
  }

  @Override
  public void restarted(int restarts, int workerCount, String reason) {
    close();
    workers = workerCount;
    print("workers lost (%s); going on with %d", reason, workerCount);
  }

  @Override
  public void checkpointFailed(String reason) {
    warn("no checkpoint was written (%s); training goes on".formatted(reason));
  }

  /** Says what a person should know of. */
  public void warn(String text) {
    close();
    print("warning: %s", text);
  }

  @Override
  public void ended(String outcome) {
    close();
    if (advice != null) {
      print("%s", advice);
    }
  }

  /** Takes the live line away. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** The row that follows takes the place of the line: no line feed between them. */
  private static final class SameLine extends ConsoleProgressBarConsumer {
    private final PrintStream screen;

    SameLine(PrintStream screen) {
      super(screen);
      this.screen = screen;
    }

    @Override
    public void close() {
      screen.flush();
    }
  }
}
