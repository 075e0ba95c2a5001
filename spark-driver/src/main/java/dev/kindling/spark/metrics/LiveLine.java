package dev.kindling.spark.metrics;

import dev.kindling.data.Target;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import java.util.Locale;

/**
 * How far a run is, in one line: epoch, step of the epoch, loss and accuracy since the epoch's
 * start, samples a second, time left, workers, and milliseconds of a step as compute + exchange.
 * What matters most stands first, since a narrow terminal cuts the end off.
 *
 * @param run what is trained
 * @param startStep version that this start of the run began with
 * @param secondsBefore of training since then, in the epochs that have ended
 * @param workers that train
 * @param progress how far it is
 */
record LiveLine(RunPlan run, long startStep, double secondsBefore, int workers, Progress progress) {

  String text() {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d %d/%d loss %.4f%s %,.0f/s %s left %d %s %.2f+%.2f ms",
        progress.step() / run.stepsPerEpoch() + 1,
        run.training().epochs(),
        stepOfEpoch(),
        run.stepsPerEpoch(),
        progress.epoch().loss(),
        accuracy(),
        progress.epoch().count() / progress.seconds(),
        duration(secondsLeft()),
        workers,
        workers == 1 ? "worker" : "workers",
        stepMillis() * (1 - progress.exchangeShare()),
        stepMillis() * progress.exchangeShare());
  }

  private String accuracy() {
    return run.format().target() instanceof Target.Labels
        ? String.format(Locale.ROOT, " acc %.4f", progress.epoch().accuracy())
        : "";
  }

  private long stepOfEpoch() {
    return progress.step() % run.stepsPerEpoch();
  }

  /** Wall time of a step of this epoch; a run may begin amid an epoch. */
  private double stepMillis() {
    long first = Math.max(startStep, progress.step() - stepOfEpoch());
    return 1e3 * progress.seconds() / Math.max(1, progress.step() - first);
  }

  /**
   * Of the steps that are left, each taken to last as long as the mean of those done; evaluations
   * do not count.
   */
  private double secondsLeft() {
    double each = (secondsBefore + progress.seconds()) / Math.max(1, progress.step() - startStep);
    return each * (run.totalSteps() - progress.step());
  }

  /** Hours where there are any, minutes and seconds: {@code 1:02:09}, {@code 0:42}. */
  static String duration(double seconds) {
    long whole = (long) Math.ceil(seconds);
    String minutes = whole < 3600 ? "%d" : "%02d";
    return (whole < 3600 ? "" : whole / 3600 + ":")
        + String.format(Locale.ROOT, minutes + ":%02d", whole / 60 % 60, whole % 60);
  }
}
