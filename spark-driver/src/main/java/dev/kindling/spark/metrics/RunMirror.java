package dev.kindling.spark.metrics;

import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.TrainingListener;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a run directory that lies on a file system of Hadoop's: at the start, with each
 * checkpoint, and every few seconds. The last of the listeners, after those that write the files.
 */
public final class RunMirror implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(RunMirror.class);
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final RunDirectory directory;
  private long last;

  /** Of a run directory; one on a local disk is left alone. */
  public RunMirror(RunDirectory directory) {
    this.directory = directory;
  }

  /** Without these files the run could not be resumed: what cannot be written ends it here. */
  @Override
  public void started(RunPlan run, int workers, long step) {
    directory.publish();
    last = System.nanoTime();
  }

  @Override
  public void progressed(Progress progress) {
    if (System.nanoTime() - last > EVERY_NANOS) {
      publishNow();
    }
  }

  /** Of the epochs before the checkpoint: they will not be computed again. */
  @Override
  public void checkpointWritten(long step) {
    publishNow();
  }

  private void publishNow() {
    tryToPublish(directory);
    last = System.nanoTime();
  }

  /** Amid a run, which goes on where it fails: the next time may do. */
  static void tryToPublish(RunDirectory directory) {
    try {
      directory.publish();
    } catch (UncheckedIOException e) {
      LOG.warn("{}; training goes on", e.getMessage());
    }
  }
}
