package dev.kindling.spark;

import org.apache.spark.sql.SparkSession;

/** A small Spark in this JVM, without settings of ours. */
public final class LocalSpark {
  private LocalSpark() {}

  /** Starts it, or gives the one that runs. */
  public static SparkSession start() {
    return SparkSession.builder()
        .master("local[4]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }
}
