package dev.kindling.spark.job;

import dev.kindling.spark.job.TrainingException.Kind;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;

/**
 * How many tasks a cluster can run at once: a barrier stage needs a slot for every worker.
 * Thread-safe.
 */
public final class Slots extends SparkListener implements AutoCloseable {
  /** Executors that start together have come when none has for so long. */
  private static final int SETTLED_SECONDS = 1;

  private final JavaSparkContext spark;
  private int most;

  /** Watches the executors of a cluster. */
  Slots(JavaSparkContext spark) {
    this.spark = spark;
    this.most = now();
    spark.sc().addSparkListener(this);
  }

  /**
   * The slots of a cluster whose executors may still be starting: waits for the first of them, then
   * until no more come.
   *
   * @param seconds how long to wait for the first
   * @return at least 1
   */
  public static int settled(JavaSparkContext spark, int seconds) {
    try (Slots slots = new Slots(spark)) {
      int count = slots.await(1, spark.sc().isLocal() ? 0 : seconds);
      for (int before = 0; before < count && !spark.sc().isLocal(); ) {
        before = count;
        count = slots.await(before + 1, SETTLED_SECONDS);
      }
      return Math.max(1, count);
    }
  }

  /**
   * Refuses a cluster that cannot run so many workers at once, before anything runs.
   *
   * @param seconds how long to wait for executors that are still starting
   * @throws TrainingException saying what to set
   */
  static void check(JavaSparkContext spark, int workers, int seconds) {
    checkSettings(spark.getConf());
    try (Slots slots = new Slots(spark)) {
      slots.require(workers, seconds);
    }
  }

  /**
   * Refuses settings that a barrier stage cannot live with.
   *
   * @throws TrainingException saying what to set
   */
  public static void checkSettings(SparkConf conf) {
    refuse(conf, "spark.dynamicAllocation.enabled", "workers need their executors throughout");
    refuse(conf, "spark.speculation", "a worker must not run twice");
  }

  private static void refuse(SparkConf conf, String key, String why) {
    if (conf.getBoolean(key, false)) {
      throw new TrainingException(
          Kind.CLUSTER, "%s is true, but %s; set %s=false".formatted(key, why, key), null);
    }
  }

  /** The slots there are now. */
  int now() {
    return spark
        .sc()
        .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
  }

  /** The most slots there have been at once. */
  synchronized int most() {
    return most;
  }

  /**
   * Waits for executors that are still starting.
   *
   * @return the slots there are; fewer than wanted when the time is over
   */
  synchronized int await(int wanted, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (int slots = now(); ; slots = now()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (slots >= wanted || left <= 0) {
        return slots;
      }
      pause(left);
    }
  }

  private void pause(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException(Kind.CLUSTER, "interrupted while waiting for executors", e);
    }
  }

  /**
   * Waits for a slot for each worker.
   *
   * @throws TrainingException saying what to set
   */
  void require(int workers, int seconds) {
    int slots = await(workers, spark.sc().isLocal() ? 0 : seconds);
    if (slots < workers) {
      throw new TrainingException(
          Kind.CLUSTER,
          "%d workers need %d slots at once; %s has %d. Lower cluster.workers, or add executors or cores"
              .formatted(workers, workers, spark.master(), slots),
          null);
    }
  }

  @Override
  public synchronized void onExecutorAdded(SparkListenerExecutorAdded event) {
    most = Math.max(most, now());
    notifyAll();
  }

  @Override
  public void close() {
    spark.sc().removeSparkListener(this);
  }
}
