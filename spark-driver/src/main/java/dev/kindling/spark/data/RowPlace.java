package dev.kindling.spark.data;

import org.apache.spark.rdd.InputFileBlockHolder;
import org.apache.spark.unsafe.types.UTF8String;

/** Where the row stands that a task has just read: its file, as Spark's readers tell it. */
final class RowPlace {
  private UTF8String file = UTF8String.EMPTY_UTF8;
  private long start = -1;
  private long row;

  /** Counts a row. */
  void advance() {
    UTF8String now = InputFileBlockHolder.getInputFilePath();
    long from = InputFileBlockHolder.getStartOffset();
    if (from != start || now != file && !now.equals(file)) { // the same object for all its rows
      file = now;
      start = from;
      row = 0;
    }
    row++;
  }

  /** {@code people.csv, row 17}, counted from 1 and from the start of a part of a large file. */
  @Override
  public String toString() {
    if (file.numBytes() == 0) {
      return "row %d of partition %d".formatted(row, RowEncoding.partition());
    }
    return start <= 0
        ? "%s, row %d".formatted(file, row)
        : "%s, row %d after byte %d".formatted(file, row, start);
  }
}
