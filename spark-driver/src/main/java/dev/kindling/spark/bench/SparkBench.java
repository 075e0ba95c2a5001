package dev.kindling.spark.bench;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * Samples a second of an MNIST-sized network on drawn digits: one worker beside the same training
 * in one process without Spark, two workers beside one.
 *
 * @param rows drawn digits to train on
 * @param epochs of one measurement; the first half warms up
 * @param rounds measurements of a figure and its reference, in turn; the median counts
 */
public record SparkBench(int rows, int epochs, int rounds) {
  private static final int BATCH = 64;
  private static final int LARGE_BATCH = 1024;
  private static final int MNIST = 70_000;

  /** What bringing MNIST to two workers may take. */
  private static final double INGEST_SECONDS = 5;

  /** Long enough for the compiler: a few minutes on two cores. */
  public static SparkBench usual() {
    return new SparkBench(20_000, 8, 3);
  }

  /** Prints a line a figure. */
  public void run(PrintStream out) {
    MlpRun small = new MlpRun(rows, BATCH, epochs);
    MlpRun large = new MlpRun(rows, LARGE_BATCH, epochs);
    out.println(compare("one-worker-mlp", () -> small.onSpark(1), () -> small.inOneProcess()));
    out.println(compare("two-workers-mlp", () -> small.onSpark(2), () -> small.onSpark(1)));
    out.println(compare("two-workers-mlp-1024", () -> large.onSpark(2), () -> large.onSpark(1)));
    out.println(compare("slices-on-disk", () -> DataBench.fromDisk(small), () -> small.onSpark(1)));
    DataBench predicted = new DataBench(rows, 2 * epochs);
    out.println(compare("transform", predicted::transform, predicted::forward));
    DataBench mnist = new DataBench(MNIST, 1);
    out.println(compare("ingest-mnist", mnist::ingest, () -> MNIST / INGEST_SECONDS));
  }

  String compare(String name, DoubleSupplier value, DoubleSupplier reference) {
    double[] values = new double[rounds];
    double[] references = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      references[i] = reference.getAsDouble();
      values[i] = value.getAsDouble();
    }
    double v = median(values);
    double r = median(references);
    return String.format(
        Locale.ROOT,
        "BENCH name=%s value=%.0f reference=%.0f ratio=%.3f unit=samples/s",
        name,
        v,
        r,
        v / r);
  }

  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
