package dev.kindling.spark.ui;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Something that happened in a run, for the page to draw. Spark writes it to the event log as JSON
 * and reads it back by the names of the components; therefore they are numbers and texts alone.
 *
 * @param run the run's number in its application, from 1
 * @param time milliseconds since 1970
 * @param kind {@code started}, {@code progress}, {@code epoch}, {@code restart}, {@code
 *     checkpoint}, {@code checkpoint_failed} or {@code ended}
 * @param values what the page is told of it, a JSON object
 */
public record TrainingEvent(int run, long time, String kind, String values)
    implements SparkListenerEvent {

  /** The whole event as a JSON object. */
  String json() {
    return "{\"run\":%d,\"time\":%d,\"kind\":\"%s\",\"values\":%s}"
        .formatted(run, time, kind, values);
  }
}
