package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.EncodedRows;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Where the tests of the examples find data. */
final class TestData {
  /** Names the folder with {@code mnist/}, {@code cifar10/} and {@code housing/}. */
  static final String FOLDER = "KINDLING_TEST_DATA";

  /** Set to anything, runs over whole data sets are tested too: a quarter of an hour. */
  static final String LONG = "KINDLING_LONG_TESTS";

  private TestData() {}

  static Path folder(String name) {
    return Path.of(System.getenv(FOLDER), name);
  }

  /** The first rows of a data set. */
  static Dataset first(int count, Dataset data) {
    return new EncodedRows(data.format(), IntStream.range(0, count).mapToObj(data::row).toList());
  }
}
