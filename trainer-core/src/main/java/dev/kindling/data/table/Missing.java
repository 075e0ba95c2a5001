package dev.kindling.data.table;

import java.io.Serializable;

/**
 * What stands for a missing value of a column.
 *
 * @param policy the way
 * @param constant the text that stands in, for {@link Policy#CONSTANT}
 */
public record Missing(Policy policy, String constant) implements Serializable {
  /** The ways to treat a missing value. */
  public enum Policy {
    /** An error that names the place. */
    FAIL,
    /** The whole row is left out. */
    DROP,
    /** The mean of the column's values in the rows that were learned from. */
    MEAN,
    /** Their median; the mean of the middle two where their number is even. */
    MEDIAN,
    /** A given text. */
    CONSTANT
  }

  /** A missing value is an error. */
  public static Missing fail() {
    return new Missing(Policy.FAIL, "");
  }

  /** Rows with a missing value are left out. */
  public static Missing drop() {
    return new Missing(Policy.DROP, "");
  }

  /** The column's mean stands in. */
  public static Missing mean() {
    return new Missing(Policy.MEAN, "");
  }

  /** The column's median stands in. */
  public static Missing median() {
    return new Missing(Policy.MEDIAN, "");
  }

  /** A number or a category stands in. */
  public static Missing constant(String text) {
    return new Missing(Policy.CONSTANT, text);
  }

  /** Whether a field counts as missing: empty, NA, NaN, null or ?. */
  static boolean isMissing(String field) {
    return switch (field.strip()) {
      case "", "NA", "N/A", "NaN", "nan", "null", "NULL", "?" -> true;
      default -> false;
    };
  }
}
