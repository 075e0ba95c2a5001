package dev.kindling.ps.server;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs something again and again on a thread of its own, until it is closed. */
final class Ticker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread t = new Thread(task, "kindling-ticker");
            t.setDaemon(true);
            return t;
          });

  Ticker(Runnable action, long everyMillis) {
    thread.scheduleWithFixedDelay(
        () -> run(action), everyMillis, everyMillis, TimeUnit.MILLISECONDS);
  }

  /** An error must not end the ticking unseen. */
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("the server's periodic work failed: {}", e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
