package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.table.Column;
import dev.kindling.data.table.Column.Kind;
import dev.kindling.data.table.Missing.Policy;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A column of a DataFrame with what was learned of it from the training rows. What was learned
 * holds one number for each value of a cell, or none where nothing was to be learned:
 *
 * <pre>
 * y = (x - mean) / deviation          where the column is standardised
 * </pre>
 *
 * Immutable.
 *
 * @param column how it is read
 * @param form what its cells are
 * @param width values of a cell
 * @param fill what stands for a missing value
 * @param mean taken off
 * @param deviation divided by; 1 where all values are the same
 * @param categories in the order of their numbers; none for numbers
 */
record LearnedColumn(
    Column column,
    Form form,
    int width,
    List<Double> fill,
    List<Double> mean,
    List<Double> deviation,
    List<String> categories)
    implements Serializable {

  LearnedColumn {
    fill = List.copyOf(fill);
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    categories = List.copyOf(categories);
  }

  /** Of which nothing is to be learned. */
  static LearnedColumn of(Column column, Form form, int width) {
    return new LearnedColumn(column, form, width, List.of(), List.of(), List.of(), List.of());
  }

  /** Whether its numbers have to be seen to learn of them. */
  boolean needsNumbers() {
    return column.kind() == Kind.NUMBER
        && (column.standardise() || column.missing().policy() == Policy.MEAN);
  }

  /** Number of features it becomes. */
  int features() {
    return column.kind() == Kind.ONE_HOT ? categories.size() : width;
  }

  /** The names of the features: the column's, {@code column=category} or {@code column[3]}. */
  List<String> featureNames() {
    if (column.kind() == Kind.ONE_HOT) {
      return categories.stream().map(category -> column.name() + "=" + category).toList();
    }
    return form.isSingle()
        ? List.of(column.name())
        : IntStream.range(0, width).mapToObj(i -> column.name() + "[" + i + "]").toList();
  }

  /** Writes the features of cells of this column. For one thread. */
  Encoder encoder() {
    return new Encoder();
  }

  /** Keeps what was learned in arrays. */
  final class Encoder {
    private final double[] fills = array(fill);
    private final double[] means = array(mean);
    private final double[] deviations = array(deviation);
    private final Map<String, Integer> numbers =
        IntStream.range(0, categories.size())
            .boxed()
            .collect(Collectors.toMap(categories::get, i -> i));

    private static double[] array(List<Double> list) {
      return list.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Whether the whole row is to be left out for this cell. */
    boolean drops(Object cell) {
      return column.missing().policy() == Policy.DROP
          && (cell == null
              || column.kind() == Kind.NUMBER
                  && !form.isBytes()
                  && Arrays.stream(cellValues(cell)).anyMatch(Double::isNaN));
    }

    /** Writes the features. */
    void encode(Object cell, float[] into, int at) {
      switch (column.kind()) {
        case NUMBER -> numbers(cell, into, at);
        case INDEX -> into[at] = category(cell);
        case ONE_HOT -> into[at + category(cell)] = 1;
      }
    }

    private void numbers(Object cell, float[] into, int at) {
      double[] values = filled(cell);
      for (int i = 0; i < width; i++) {
        if (Double.isNaN(values[i])) {
          throw bad("has no value", "say what stands for missing values: drop, mean or constant");
        }
        into[at + i] =
            (float) (means.length == 0 ? values[i] : (values[i] - means[i]) / deviations[i]);
      }
    }

    /** The values of a cell; NaN for one that is missing while nothing stands for it. */
    double[] filled(Object cell) {
      double[] values = values(cell);
      for (int i = 0; i < width; i++) {
        if (Double.isInfinite(values[i])) {
          throw bad("is " + values[i], "correct it or leave the row out");
        }
        if (Double.isNaN(values[i])) {
          values[i] = stand(i);
        }
      }
      return values;
    }

    /** The values as they stand, NaN for a missing one. */
    private double[] values(Object cell) {
      if (cell == null) {
        double[] none = new double[width];
        Arrays.fill(none, Double.NaN);
        return none;
      }
      double[] values = cellValues(cell);
      if (values.length != width) {
        throw bad(
            "holds %d values".formatted(values.length),
            "the other rows hold %d; make them equally long".formatted(width));
      }
      return values;
    }

    private double[] cellValues(Object cell) {
      try {
        return Cells.values(form, cell);
      } catch (NumberFormatException e) {
        throw bad("is '%s', which is no number".formatted(cell), "correct it or skip the row");
      }
    }

    private double stand(int i) {
      if (fills.length > 0) {
        return fills[i];
      }
      if (column.missing().policy() == Policy.FAIL) {
        throw bad(
            "has no value", "say what stands for missing values: drop, mean, median or constant");
      }
      return Double.NaN; // learned later
    }

    /** The bytes of a cell, for a network that reads them as they are. */
    byte[] bytes(Object cell) {
      if (cell == null) {
        throw bad("has no value", "leave such rows out");
      }
      byte[] bytes = Cells.bytes(form, cell);
      if (bytes.length != width) {
        throw bad(
            "holds %d bytes".formatted(bytes.length),
            "the shape needs %d; bring them to one size".formatted(width));
      }
      return bytes;
    }

    /** The number of a cell's category. */
    int category(Object cell) {
      String name = categoryName(cell);
      Integer index = numbers.get(name);
      if (index == null) {
        throw bad(
            "is '%s', which was not among the categories learned, %s".formatted(name, categories),
            "correct it");
      }
      return index;
    }

    /** The category of a cell, or what stands for it. */
    String categoryName(Object cell) {
      if (cell != null) {
        return cell.toString().strip();
      }
      if (column.missing().policy() == Policy.CONSTANT) {
        return column.missing().constant();
      }
      throw bad("has no value", "say what stands for missing values: drop or constant");
    }

    private DataException bad(String what, String mend) {
      return new DataException("column '%s' %s; %s".formatted(column.name(), what, mend));
    }
  }
}
