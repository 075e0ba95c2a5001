package dev.kindling.spark.bench;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * What training on Spark reaches on drawn digits, each figure beside its reference: one worker
 * beside the same training in one process without Spark, two workers beside one, the way of the
 * data beside the network's own speed, the start beside Spark's own.
 *
 * @param rows drawn digits to train on
 * @param epochs of one measurement; the first half warms up
 * @param rounds measurements of a figure and its reference, in turn; the median counts
 */
public record SparkBench(int rows, int epochs, int rounds) {
  private static final int BATCH = 64;
  private static final int LARGE_BATCH = 1024;
  private static final int MNIST = 70_000;
  private static final int MANY_WORKERS = 16;

  /** A convolutional network takes so many times as long as the perceptron. */
  private static final int CONVOLUTION = 10;

  /** Passes over these take long beside what starting a job takes. */
  private static final int PREDICTED = 100_000;

  /** What bringing MNIST to two workers may take. */
  private static final double INGEST_SECONDS = 5;

  /** Long enough for the compiler: some minutes on two cores. */
  public static SparkBench usual() {
    return new SparkBench(20_000, 8, 3);
  }

  /** Prints a line a figure. */
  public void run(PrintStream out) {
    NetworkRun small = NetworkRun.mlp(rows, BATCH, epochs);
    NetworkRun large = NetworkRun.mlp(rows, LARGE_BATCH, epochs);
    NetworkRun cnn = NetworkRun.cnn(rows / CONVOLUTION, BATCH, epochs);
    out.println(compare("one-worker-mlp", () -> small.onSpark(1), () -> small.inOneProcess()));
    out.println(compare("one-worker-cnn", () -> cnn.onSpark(1), () -> cnn.inOneProcess()));
    out.println(compare("two-workers-mlp", () -> small.onSpark(2), () -> small.onSpark(1)));
    out.println(compare("two-workers-mlp-1024", () -> large.onSpark(2), () -> large.onSpark(1)));
    out.println(compare("two-workers-cnn", () -> cnn.onSpark(2), () -> cnn.onSpark(1)));
    out.println(compare("slices-on-disk", () -> DataBench.fromDisk(small), () -> small.onSpark(1)));
    DataBench predicted = new DataBench(PREDICTED, epochs);
    out.println(compare("transform", predicted::transform, predicted::forward));
    DataBench mnist = new DataBench(MNIST, 1);
    out.println(compare("ingest-mnist", mnist::ingest, () -> MNIST / INGEST_SECONDS));
    out.println(
        compare(
            "start-to-first-step",
            "s",
            StartProbe::secondsToFirstStep,
            StartProbe::secondsToFirstJob));
    out.println(manyWorkers(small));
  }

  /** Sixteen workers beside two with the same sixteen replicas: the same bits, and how fast. */
  static String manyWorkers(NetworkRun run) {
    NetworkRun.Result two = run.onSpark(2, MANY_WORKERS, NetworkRun.settings(2));
    NetworkRun.Result many =
        run.onSpark(MANY_WORKERS, MANY_WORKERS, NetworkRun.settings(MANY_WORKERS));
    boolean isSame = Arrays.equals(two.values(), many.values());
    return line("sixteen-workers", "samples/s", many.rate(), two.rate())
        + " hash="
        + (isSame ? "same" : "different");
  }

  String compare(String name, DoubleSupplier value, DoubleSupplier reference) {
    return compare(name, "samples/s", value, reference);
  }

  String compare(String name, String unit, DoubleSupplier value, DoubleSupplier reference) {
    double[] values = new double[rounds];
    double[] references = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      references[i] = reference.getAsDouble();
      values[i] = value.getAsDouble();
    }
    return line(name, unit, median(values), median(references));
  }

  private static String line(String name, String unit, double value, double reference) {
    String number = value < 100 ? "%.2f" : "%.0f";
    return String.format(
        Locale.ROOT,
        "BENCH name=%s value=" + number + " reference=" + number + " ratio=%.3f unit=%s",
        name,
        value,
        reference,
        value / reference,
        unit);
  }

  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
