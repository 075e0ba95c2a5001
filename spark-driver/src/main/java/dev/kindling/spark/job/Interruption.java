package dev.kindling.spark.job;

import dev.kindling.ps.server.RunServer;
import dev.kindling.spark.job.TrainingException.Kind;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a run before its time, after a checkpoint where there are some. Thread-safe. */
final class Interruption {
  private static final Logger LOG = LoggerFactory.getLogger(Interruption.class);
  private static final long CHECKPOINT_SECONDS = 30;

  private boolean isRequested;
  private RunServer server;
  private WorkersJob workers;
  private boolean hasCheckpoints;
  private String outcome = "before its first step";

  /** The workers are about to start. */
  synchronized void arm(RunServer running, boolean canCheckpoint) {
    server = running;
    hasCheckpoints = canCheckpoint;
    if (isRequested) {
      server.abort("interrupted");
    }
  }

  /** These workers are about to run. */
  synchronized void watch(WorkersJob job) {
    workers = job;
    if (isRequested) {
      workers.cancel("interrupted");
    }
  }

  /**
   * Ends the run. Its job is cancelled as well: an executor of a JVM that is ending does not report
   * that its tasks have failed, and the run would wait for them.
   */
  synchronized void request(JavaSparkContext spark) {
    isRequested = true;
    if (server == null) {
      spark.sc().cancelAllJobs();
    } else {
      outcome = hasCheckpoints ? checkpoint() : "at step " + server.version();
      server.abort("interrupted");
    }
    if (workers != null) {
      workers.cancel("interrupted");
    }
  }

  private String checkpoint() {
    try {
      long version = server.checkpoint().get(CHECKPOINT_SECONDS, TimeUnit.SECONDS);
      return "after the checkpoint of step " + version;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("no checkpoint at the interruption", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "at step %d, without a new checkpoint".formatted(server.version());
  }

  /** Throws if the run failed because somebody asked it to end. */
  synchronized void check(Exception failure) {
    if (isRequested) {
      throw new TrainingException(Kind.INTERRUPTED, "interrupted " + outcome, failure);
    }
  }
}
