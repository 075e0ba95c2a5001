package dev.kindling.data.table;

import dev.kindling.data.DataException;
import dev.kindling.data.table.Missing.Policy;

/**
 * One field of a table.
 *
 * @param column how it is read
 * @param where file and line
 * @param text as it stands there
 */
record Field(Column column, String where, String text) {

  /** Whether a stand-in is needed; an error where the column wants none. */
  boolean isMissing() {
    boolean missing = Missing.isMissing(text);
    if (missing && column.missing().policy() == Policy.FAIL) {
      throw bad(
          "is missing",
          "say what is to be done with missing values: drop, mean, median or constant");
    }
    return missing;
  }

  /** The number that stands there. */
  double number() {
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number) && isPlain(text.strip())) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad("is not a number", "correct it, or read the column as categories");
    }
    throw bad("is not a finite decimal number", "correct it");
  }

  /** Java would also take 1f, 1d and 0x1p3. */
  private static boolean isPlain(String text) {
    char last = text.charAt(text.length() - 1);
    return (Character.isDigit(last) || last == '.')
        && text.indexOf('x') < 0
        && text.indexOf('X') < 0;
  }

  /** The category that stands there, or that stands for it. */
  String category() {
    return isMissing() ? column.missing().constant() : text.strip();
  }

  DataException bad(String reason, String mend) {
    return new DataException(
        "%s: column '%s': '%s' %s; %s".formatted(where, column.name(), text, reason, mend));
  }
}
