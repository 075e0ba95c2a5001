package dev.kindling.spark.cli;

import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Ctrl-C, or the signal TERM: asks a run to end after a checkpoint, and holds the end of the JVM
 * until the thread of the run has said how it ended. Registered with Hadoop's hooks, which Spark
 * uses too: the higher priority is called before Spark stops.
 */
final class StopSignal implements AutoCloseable {
  private static final int BEFORE_SPARK = 1000;
  private static final long SECONDS = 60;

  private final Runnable hook = this::arrived;
  private final Thread runner = Thread.currentThread();
  private final Runnable interrupt;

  /** Calls {@code interrupt} on the signal, until closed; the run is this thread's. */
  StopSignal(Runnable interrupt) {
    this.interrupt = interrupt;
    ShutdownHookManager.get().addShutdownHook(hook, BEFORE_SPARK, SECONDS, TimeUnit.SECONDS);
  }

  private void arrived() {
    interrupt.run();
    try {
      runner.join(TimeUnit.SECONDS.toMillis(SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
