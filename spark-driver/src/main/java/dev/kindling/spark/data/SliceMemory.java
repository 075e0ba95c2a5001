package dev.kindling.spark.data;

import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/**
 * How many bytes of rows a worker may keep in memory, and where the others go.
 *
 * @param bytes beyond these, slices go to disk
 * @param folder one of Spark's own on local disk
 */
public record SliceMemory(long bytes, Path folder) {
  /** Bytes of rows that one worker may keep in memory, e.g. {@code 200m}. */
  public static final String KEY = "spark.kindling.slices.memory";

  /** The rest is for the network, the shuffle and the copy that is made while a slice is built. */
  private static final double SHARE = 0.25;

  /**
   * The share of a worker's task: what {@link #KEY} says, else a quarter of the heap over the
   * workers of the JVM.
   *
   * @param workers of the whole run
   */
  public static SliceMemory ofTask(int workers) {
    SparkEnv env = SparkEnv.get();
    SparkConf conf = env.conf();
    boolean isLocal = env.executorId().equals("driver");
    int cores = conf.getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors());
    int neighbours = isLocal ? workers : Math.max(1, Math.min(workers, cores));
    long usual = (long) (Runtime.getRuntime().maxMemory() * SHARE / neighbours);
    return new SliceMemory(conf.contains(KEY) ? conf.getSizeAsBytes(KEY) : usual, folder(env));
  }

  /** Where temporary files go. */
  static Path folder(SparkEnv env) {
    return env.blockManager().diskBlockManager().localDirs()[0].toPath();
  }
}
