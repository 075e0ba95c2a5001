package dev.kindling.spark.job;

import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Runs all partitions at once or none: Spark's barrier stage, which has no Java API. */
final class Barrier {
  private Barrier() {}

  /** What a task does with its partition. */
  interface Body<T> extends Serializable {
    void run(Iterator<T> rows);
  }

  /**
   * The body on every partition at the same time, once somebody collects the (empty) result.
   *
   * @param places where each should run, if it can
   */
  static <T> JavaRDD<Integer> stage(JavaRDD<T> rows, WorkerPlaces places, Body<T> body) {
    ClassTag<Integer> tag = ClassTag$.MODULE$.apply(Integer.class);
    Function1<scala.collection.Iterator<T>, scala.collection.Iterator<Integer>> function =
        (Function1<scala.collection.Iterator<T>, scala.collection.Iterator<Integer>> & Serializable)
            partition -> {
              body.run(CollectionConverters.asJava(partition));
              return CollectionConverters.asScala(Collections.emptyIterator());
            };
    RDD<T> placed = new PlacedRows<>(rows.rdd(), places, rows.classTag());
    RDD<Integer> results = placed.barrier().mapPartitions(function, false, tag);
    return JavaRDD.fromRDD(results, tag);
  }
}
