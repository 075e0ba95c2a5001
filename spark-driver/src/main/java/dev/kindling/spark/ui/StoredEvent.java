package dev.kindling.spark.ui;

import org.apache.spark.util.kvstore.KVIndex;

/** An event in the store of a UI, in memory or on the History Server's disk. Never changed. */
public final class StoredEvent {
  /** Its number in the application, from 0. */
  @KVIndex public final long index;

  /** The event as JSON. */
  public final String json;

  /** For the store, which fills the fields. */
  StoredEvent() {
    this(0, "");
  }

  StoredEvent(long index, String json) {
    this.index = index;
    this.json = json;
  }
}
