package dev.kindling.spark.data.source;

import org.apache.spark.sql.connector.read.InputPartition;

/**
 * Some rows of a file of records of one length, with the labels at the head of each record or in a
 * file of their own; what one task reads. Immutable.
 *
 * @param file that holds the features
 * @param start first byte of the first record, of the file as it is when unpacked
 * @param features bytes of a record's features
 * @param labels the file of the labels, a byte each; null where each record starts with its label
 * @param labelStart first byte of the first label
 * @param classes labels run from 0 to classes - 1
 * @param first number of the first row in the file, for messages
 * @param rows number of rows
 */
record Records(
    String file,
    long start,
    int features,
    String labels,
    long labelStart,
    int classes,
    long first,
    int rows)
    implements InputPartition {
  private static final int PART = 16 << 20;

  /** So many rows of a size are read by one task: about 16 MiB. */
  static int rowsOfATask(int features) {
    return Math.max(1, PART / features);
  }

  /** Rows [from, from + count) of these. */
  Records range(int from, int count) {
    long recordLength = features + (labels == null ? 1 : 0);
    return new Records(
        file,
        start + from * recordLength,
        features,
        labels,
        labelStart + from,
        classes,
        first + from,
        count);
  }
}
