package dev.kindling.data.table;

import dev.kindling.data.table.Missing.Policy;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a column of a table becomes numbers: {@code Column.number("age").missing(Missing.median())
 * .standardised()}. Immutable.
 *
 * @param name the column's name in the table
 * @param kind how its texts are read
 * @param missing what stands for a missing value
 * @param standardise whether the mean is taken off and the rest divided by the deviation
 */
public record Column(String name, Kind kind, Missing missing, boolean standardise)
    implements Serializable {

  /** How a column's texts are read. */
  public enum Kind {
    /** A number. */
    NUMBER,
    /** A category: one feature for each, 1 where it is that, else 0. */
    ONE_HOT,
    /** A category: its number, in the order of the names. */
    INDEX
  }

  /** Checks that numbers and categories are not confused. */
  public Column {
    boolean needsNumbers =
        standardise || missing.policy() == Policy.MEAN || missing.policy() == Policy.MEDIAN;
    if (kind != Kind.NUMBER && needsNumbers) {
      throw new IllegalArgumentException(
          "column '%s': categories have neither mean, median nor deviation; drop missing values or name a constant"
              .formatted(name));
    }
  }

  /** A column of numbers. */
  public static Column number(String name) {
    return new Column(name, Kind.NUMBER, Missing.fail(), false);
  }

  /** A column of categories, one feature for each. */
  public static Column oneHot(String name) {
    return new Column(name, Kind.ONE_HOT, Missing.fail(), false);
  }

  /** A column of categories, numbered. */
  public static Column index(String name) {
    return new Column(name, Kind.INDEX, Missing.fail(), false);
  }

  /** The same with another treatment of missing values. */
  public Column missing(Missing other) {
    return new Column(name, kind, other, standardise);
  }

  /** The same, standardised. */
  public Column standardised() {
    return new Column(name, kind, missing, true);
  }

  /** Whether its mean, median, deviation or categories are learned from the rows of a table. */
  public boolean learnsFromRows() {
    return kind != Kind.NUMBER
        || standardise
        || missing.policy() == Policy.MEAN
        || missing.policy() == Policy.MEDIAN;
  }

  /** The written form, read back by {@link #of(Spec)}. */
  public Spec toSpec() {
    return Spec.of(
        kind.name().toLowerCase(Locale.ROOT),
        "name",
        name,
        "missing",
        missing.policy().name().toLowerCase(Locale.ROOT),
        "constant",
        missing.constant(),
        "standardise",
        standardise);
  }

  /**
   * Reads a column from its written form: {@code number: {name: age, missing: median, standardise:
   * true}}.
   *
   * @throws SpecException naming an unknown kind or argument and the nearest known one
   */
  public static Column of(Spec spec) {
    spec.allow("name", "missing", "constant", "standardise");
    Policy policy = constant(Policy.class, "missing", spec.text("missing", "fail"));
    return new Column(
        spec.text("name", ""),
        constant(Kind.class, "kind", spec.type()),
        new Missing(policy, spec.text("constant", "")),
        spec.flag("standardise", false));
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String what, String text) {
    List<E> all = Arrays.asList(type.getEnumConstants());
    return all.stream()
        .filter(e -> e.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() -> SpecException.unknown("column", what, text, lowerCase(all)));
  }

  private static List<String> lowerCase(List<? extends Enum<?>> constants) {
    return constants.stream().map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
  }
}
