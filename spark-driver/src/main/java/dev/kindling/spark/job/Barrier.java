package dev.kindling.spark.job;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkException;
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
  interface Body<T, R> extends Serializable {
    Iterator<R> run(Iterator<T> rows);
  }

  /** Runs the body on every partition at the same time. */
  static <T, R> List<R> collect(JavaRDD<T> rows, Body<T, R> body, Class<R> type)
      throws SparkException {
    ClassTag<R> tag = ClassTag$.MODULE$.apply(type);
    Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> function =
        (Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> & Serializable)
            i -> CollectionConverters.asScala(body.run(CollectionConverters.asJava(i)));
    RDD<R> results = rows.rdd().barrier().mapPartitions(function, false, tag);
    return JavaRDD.fromRDD(results, tag).collect();
  }
}
