package dev.kindling.spark.ui;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * Numbers the runs of an application, with a UI or without: its event log tells them apart. Stands
 * among the application's listeners, so that there is one of it. Thread-safe.
 */
final class RunCount extends SparkListener {
  private final AtomicInteger runs = new AtomicInteger();

  private RunCount() {}

  /** That of an application. */
  static RunCount of(SparkContext spark) {
    synchronized (spark.listenerBus()) {
      List<RunCount> there =
          CollectionConverters.asJava(
              spark.listenerBus().findListenersByClass(ClassTag.apply(RunCount.class)));
      if (!there.isEmpty()) {
        return there.get(0);
      }
      RunCount count = new RunCount();
      spark.addSparkListener(count);
      return count;
    }
  }

  /** The number of a run that is about to begin, from 1. */
  int next() {
    return runs.incrementAndGet();
  }
}
