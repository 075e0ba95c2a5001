package dev.kindling.spark.data;

import java.io.Serializable;

/**
 * What is done with rows that cannot be used: a value that is missing, infinite or no number, a
 * label out of range, an array of another length.
 *
 * @param most so many are left out; one more ends the run
 */
public record BadRows(long most) implements Serializable {
  /** Checks the number. */
  public BadRows {
    if (most < 0) {
      throw new IllegalArgumentException(
          "data.bad_rows: %d rows to skip; it must be at least 0".formatted(most));
    }
  }

  /** The first one ends the run. */
  public static BadRows fail() {
    return new BadRows(0);
  }

  /** So many are left out and counted; one more ends the run. */
  public static BadRows skip(long most) {
    return new BadRows(most);
  }
}
