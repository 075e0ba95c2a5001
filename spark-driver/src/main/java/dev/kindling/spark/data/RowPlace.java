package dev.kindling.spark.data;

import org.apache.spark.rdd.InputFileBlockHolder;

/** Where the row stands that a task has just read: its file, as Spark's readers tell it. */
final class RowPlace {
  private String file = "";
  private long start = -1;
  private long row;

  /** Counts a row. */
  void advance() {
    String now = InputFileBlockHolder.getInputFilePath().toString();
    long from = InputFileBlockHolder.getStartOffset();
    if (from != start || !now.equals(file)) {
      file = now;
      start = from;
      row = 0;
    }
    row++;
  }

  /** {@code people.csv, row 17}, counted from 1 and from the start of a part of a large file. */
  @Override
  public String toString() {
    if (file.isEmpty()) {
      return "row %d of partition %d".formatted(row, RowEncoding.partition());
    }
    return start <= 0
        ? "%s, row %d".formatted(file, row)
        : "%s, row %d after byte %d".formatted(file, row, start);
  }
}
