package dev.kindling.data;

import java.nio.file.Path;

/** The folder with real data that some tests read: {@code mnist/}, {@code cifar10/}, ... */
public final class RealData {
  /** Names the folder; without it those tests are skipped. */
  public static final String VARIABLE = "KINDLING_TEST_DATA";

  private RealData() {}

  /** A folder of the real data. */
  public static Path folder(String name) {
    return Path.of(System.getenv(VARIABLE), name);
  }
}
