package dev.kindling.spark.bench;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

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
  private static final String START = "start-to-first-step";
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

  /** A line of the output, and what measures it. */
  private record Figure(String name, Supplier<String> line) {}

  private List<Figure> figures() {
    NetworkRun small = NetworkRun.mlp(rows, BATCH, epochs);
    NetworkRun large = NetworkRun.mlp(rows, LARGE_BATCH, epochs);
    NetworkRun cnn = NetworkRun.cnn(rows / CONVOLUTION, BATCH, epochs);
    DataBench predicted = new DataBench(PREDICTED, epochs);
    DataBench mnist = new DataBench(MNIST, 1);
    return List.of(
        figure("one-worker-mlp", () -> small.onSpark(1), small::inOneProcess),
        figure("one-worker-cnn", () -> cnn.onSpark(1), cnn::inOneProcess),
        figure("two-workers-mlp", () -> small.onSpark(2), () -> small.onSpark(1)),
        figure("two-workers-mlp-1024", () -> large.onSpark(2), () -> large.onSpark(1)),
        figure("two-workers-cnn", () -> cnn.onSpark(2), () -> cnn.onSpark(1)),
        figure("slices-on-disk", () -> DataBench.fromDisk(small), () -> small.onSpark(1)),
        figure("transform", predicted::transform, predicted::forward),
        figure("ingest-mnist", mnist::ingest, () -> MNIST / INGEST_SECONDS),
        new Figure(
            START,
            () ->
                compare(START, "s", StartProbe::secondsToFirstStep, StartProbe::secondsToFirstJob)),
        new Figure("sixteen-workers", () -> manyWorkers(small)));
  }

  private Figure figure(String name, DoubleSupplier value, DoubleSupplier reference) {
    return new Figure(name, () -> compare(name, value, reference));
  }

  /**
   * Prints a line for each figure of these names, for each of all without one.
   *
   * @throws IllegalArgumentException for an unknown name
   */
  public void run(List<String> names, PrintStream out) {
    List<Figure> figures = figures();
    List<String> known = figures.stream().map(Figure::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "bench spark: '%s' is unknown; one of %s".formatted(name, String.join(", ", known)));
      }
    }
    figures.stream()
        .filter(figure -> names.isEmpty() || names.contains(figure.name))
        .forEach(figure -> out.println(figure.line.get()));
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
