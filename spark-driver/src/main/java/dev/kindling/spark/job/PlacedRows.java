package dev.kindling.spark.job;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/** The rows of another RDD, each partition with a place where it should be computed. */
final class PlacedRows<T> extends RDD<T> {
  private static final long serialVersionUID = 1L;

  private final transient RDD<T> rows;

  /** Only the driver asks for it. */
  private final transient List<List<String>> places;

  PlacedRows(RDD<T> rows, WorkerPlaces places, ClassTag<T> tag) {
    super(rows, tag);
    this.rows = rows;
    this.places = IntStream.range(0, rows.getNumPartitions()).mapToObj(places::of).toList();
  }

  @Override
  public Iterator<T> compute(Partition split, TaskContext context) {
    return this.<T>firstParent(elementClassTag()).iterator(split, context);
  }

  @Override
  public Partition[] getPartitions() {
    return rows.partitions();
  }

  @Override
  public Seq<String> getPreferredLocations(Partition split) {
    return CollectionConverters.asScala(places.get(split.index())).toSeq();
  }
}
