package dev.kindling.spark.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Where values stand on a line of pixels, and where its marks are: at round numbers, some five of
 * them; at powers of two, or of ten where there are many, if it is logarithmic. Immutable.
 */
final class Axis {
  private static final int MARKS = 5;

  /** As many powers of two at most; else powers of ten. */
  private static final int POWERS = 12;

  private final boolean isLogarithmic;
  private final double step;
  private final double least;
  private final double most;
  private final int from;
  private final int to;

  /**
   * An axis that has all finite values.
   *
   * @param from pixel of the least one
   * @param to pixel of the largest one
   */
  Axis(boolean isLogarithmic, List<double[]> values, int from, int to) {
    this.isLogarithmic = isLogarithmic;
    this.from = from;
    this.to = to;
    double[] places =
        values.stream()
            .flatMapToDouble(DoubleStream::of)
            .map(this::place)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    double first = places.length == 0 ? 0 : places[0];
    double last = places.length == 0 ? 0 : places[places.length - 1];
    last = last > first ? last : first + 1;
    step = isLogarithmic ? power(last - first) : round((last - first) / MARKS);
    least = isLogarithmic ? first : Math.floor(first / step) * step;
    most = isLogarithmic ? last : Math.ceil(last / step) * step;
  }

  private double place(double value) {
    return isLogarithmic ? log2(value) : value;
  }

  private static double log2(double value) {
    return StrictMath.log(value) / StrictMath.log(2);
  }

  private static double power(double span) {
    return span < POWERS ? 1 : log2(10);
  }

  /** The next of 1, 2 and 5 times a power of ten. */
  private static double round(double step) {
    double ten = StrictMath.pow(10, Math.floor(StrictMath.log10(step)));
    double digit = step / ten;
    return ten * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  double pixel(double value) {
    return pixelOf(place(value));
  }

  private double pixelOf(double place) {
    return from + (place - least) / (most - least) * (to - from);
  }

  /** A mark's pixel and what is written beside it. */
  record Mark(int pixel, String text) {}

  List<Mark> marks() {
    List<Mark> marks = new ArrayList<>();
    double slack = 1e-9 * (most - least);
    for (long k = (long) Math.ceil((least - slack) / step); k * step <= most + slack; k++) {
      double place = k * step;
      marks.add(new Mark((int) Math.round(pixelOf(place)), text(place)));
    }
    return marks;
  }

  private String text(double place) {
    if (isLogarithmic) {
      double value = StrictMath.pow(2, place);
      return value >= 1
          ? String.format(Locale.ROOT, "%.0f", value)
          : String.format(Locale.ROOT, "%.0e", value);
    }
    int digits = (int) Math.max(0, -Math.floor(StrictMath.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", place);
  }
}
