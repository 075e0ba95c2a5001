package dev.kindling.spark.job;

import dev.kindling.spark.job.TrainingException.Kind;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Whether a cluster can hold all workers at once; asked before anything runs. */
final class ClusterCheck {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final long PAUSE_MILLIS = 50;

  private ClusterCheck() {}

  /**
   * Refuses settings that a barrier stage cannot live with.
   *
   * @throws TrainingException saying what to set
   */
  static void settings(SparkConf conf) {
    refuse(
        conf,
        "spark.dynamicAllocation.enabled",
        "the workers of a run need their executors throughout");
    refuse(conf, "spark.speculation", "a worker must not run twice");
  }

  private static void refuse(SparkConf conf, String key, String why) {
    if (conf.getBoolean(key, false)) {
      throw new TrainingException(
          Kind.CLUSTER, "%s is true: %s; set %s=false".formatted(key, why, key), null);
    }
  }

  /** The slots there are now. */
  static int slots(JavaSparkContext spark) {
    return spark
        .sc()
        .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
  }

  /** Waits for executors that are still starting. */
  static void await(JavaSparkContext spark, int workers) {
    long start = System.nanoTime();
    while (slots(spark) < workers) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new TrainingException(
            Kind.CLUSTER,
            "%d workers need %d slots at once; %s has %d. Lower cluster.workers or add executor cores"
                .formatted(workers, workers, spark.master(), slots(spark)),
            null);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS); // Spark tells nobody when an executor has come
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException(Kind.CLUSTER, "interrupted while waiting for executors", e);
    }
  }
}
