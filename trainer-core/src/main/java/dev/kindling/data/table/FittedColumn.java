package dev.kindling.data.table;

import dev.kindling.data.DataException;
import dev.kindling.data.table.Missing.Policy;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * A column with what was learned from the training rows. Immutable.
 *
 * @param column how it is read
 * @param fill what stands for a missing number
 * @param mean taken off a number; 0 where it is not standardised
 * @param deviation a number is divided by it; 1 where it is not standardised
 * @param categories in the order of their numbers; empty for numbers
 */
public record FittedColumn(
    Column column, double fill, double mean, double deviation, List<String> categories)
    implements Serializable {

  /** Copies the categories. */
  public FittedColumn {
    categories = List.copyOf(categories);
  }

  /** Learns from fields, none of which belongs to a dropped row. */
  static FittedColumn fit(Column column, List<Field> fields) {
    return column.kind() == Column.Kind.NUMBER
        ? fitNumber(column, fields)
        : new FittedColumn(column, 0, 0, 1, categories(fields));
  }

  private static FittedColumn fitNumber(Column column, List<Field> fields) {
    double[] known =
        fields.stream().filter(f -> !f.isMissing()).mapToDouble(Field::number).toArray();
    double fill = fill(column, known);
    if (!column.standardise()) {
      return new FittedColumn(column, fill, 0, 1, List.of());
    }
    double[] all = fields.stream().mapToDouble(f -> f.isMissing() ? fill : f.number()).toArray();
    double mean = Statistics.mean(all);
    double deviation = Statistics.deviation(all, mean);
    return new FittedColumn(column, fill, mean, deviation > 0 ? deviation : 1, List.of());
  }

  private static double fill(Column column, double[] known) {
    Policy policy = column.missing().policy();
    if (known.length == 0 && (policy == Policy.MEAN || policy == Policy.MEDIAN)) {
      throw new DataException(
          "column '%s' has no value to take the %s of; give a constant"
              .formatted(column.name(), policy));
    }
    return switch (policy) {
      case MEAN -> Statistics.mean(known);
      case MEDIAN -> Statistics.median(known);
      case CONSTANT -> new Field(column, "constant", column.missing().constant()).number();
      case FAIL, DROP -> 0;
    };
  }

  private static List<String> categories(List<Field> fields) {
    List<String> names = fields.stream().map(Field::category).distinct().toList();
    boolean whole = names.stream().allMatch(name -> name.matches("-?\\d{1,18}"));
    Comparator<String> byNumber = Comparator.comparingLong(Long::parseLong);
    return names.stream().sorted(whole ? byNumber : Comparator.naturalOrder()).toList();
  }

  /** Number of features it becomes. */
  public int width() {
    return column.kind() == Column.Kind.ONE_HOT ? categories.size() : 1;
  }

  /** The names of these features: the column's, or {@code column=category}. */
  public List<String> featureNames() {
    return column.kind() == Column.Kind.ONE_HOT
        ? categories.stream().map(category -> column.name() + "=" + category).toList()
        : List.of(column.name());
  }

  void encode(Field field, float[] into, int at) {
    switch (column.kind()) {
      case NUMBER -> into[at] = number(field);
      case ONE_HOT -> into[at + category(field)] = 1;
      case INDEX -> into[at] = category(field);
    }
  }

  private float number(Field field) {
    return (float) (((field.isMissing() ? fill : field.number()) - mean) / deviation);
  }

  /** The number of a field's category. */
  int category(Field field) {
    int index = categories.indexOf(field.category());
    if (index < 0) {
      throw field.bad("was not among the categories learned, " + categories, "correct it");
    }
    return index;
  }
}
