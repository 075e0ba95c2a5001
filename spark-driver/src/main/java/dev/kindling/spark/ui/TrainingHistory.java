package dev.kindling.spark.ui;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The Training tab of a finished application. Spark's History Server finds this class when
 * Kindling's jar is on its class path ({@code SPARK_DAEMON_CLASSPATH}).
 */
public final class TrainingHistory implements AppHistoryServerPlugin {
  @Override
  public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
    return CollectionConverters.asScala(List.<SparkListener>of(new EventKeeper(store))).toSeq();
  }

  /** Adds the tab where there was training. */
  @Override
  public void setupUI(SparkUI ui) {
    try {
      if (ui.store().store().count(StoredEvent.class) > 0) {
        TrainingTab.attach(ui);
      }
    } catch (Exception e) {
      throw new IllegalStateException("the store of the UI cannot be read", e);
    }
  }
}
