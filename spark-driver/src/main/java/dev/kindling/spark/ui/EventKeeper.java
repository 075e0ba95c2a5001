package dev.kindling.spark.ui;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;

/** Keeps the events of training in the store of a UI. Called by one thread at a time. */
final class EventKeeper extends SparkListener {
  private final ElementTrackingStore store;
  private long next;

  EventKeeper(ElementTrackingStore store) {
    this.store = store;
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof TrainingEvent training) {
      store.write(new StoredEvent(next++, training.json()));
    }
  }
}
