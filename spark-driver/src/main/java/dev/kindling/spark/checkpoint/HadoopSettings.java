package dev.kindling.spark.checkpoint;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/** The settings of Hadoop's file systems where there is no Spark context to ask. */
public final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  /** What the class path says, and {@code spark.hadoop.*}. */
  public static Configuration of(SparkConf conf) {
    Configuration configuration = new Configuration();
    for (var setting : conf.getAllWithPrefix(PREFIX)) {
      configuration.set(setting._1(), setting._2());
    }
    return configuration;
  }
}
