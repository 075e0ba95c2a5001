package dev.kindling.spark.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.LocalSpark;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** The runs of an application without a UI: its event log tells them apart, from 1 in each. */
class RunCountTest {
  @Test
  void everyRunHasItsNumber() throws Exception {
    for (int application = 0; application < 2; application++) {
      List<Integer> runs = new CopyOnWriteArrayList<>();
      try (SparkSession session = LocalSpark.start()) {
        SparkContext spark = session.sparkContext();
        assertThat(spark.ui().isEmpty()).isTrue();
        spark.addSparkListener(
            new SparkListener() {
              @Override
              public void onOtherEvent(SparkListenerEvent event) {
                if (event instanceof TrainingEvent told) {
                  runs.add(told.run());
                }
              }
            });
        TrainingReporter first = TrainingReporter.of(spark, Map.of());
        TrainingReporter second = TrainingReporter.of(spark, Map.of());
        first.checkpointWritten(1);
        second.checkpointWritten(1);
        first.ended("done");
        spark.listenerBus().waitUntilEmpty();
      }
      assertThat(runs).containsExactly(1, 2, 1);
    }
  }
}
