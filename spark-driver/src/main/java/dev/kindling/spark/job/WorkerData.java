package dev.kindling.spark.job;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/**
 * The slices of a worker's replicas, in their order; an empty one where no row fell to a replica.
 *
 * @param train rows to train on
 * @param test rows to evaluate on
 */
record WorkerData(List<Slice> train, List<Slice> test) {

  static WorkerData of(
      RowFormat format,
      Node replicas,
      Iterator<Tuple2<Integer, Slice>> train,
      Iterator<Tuple2<Integer, Slice>> test) {
    return new WorkerData(inOrder(format, replicas, train), inOrder(format, replicas, test));
  }

  private static List<Slice> inOrder(
      RowFormat format, Node replicas, Iterator<Tuple2<Integer, Slice>> slices) {
    Slice empty = new SliceBuilder(format).build();
    List<Slice> ordered =
        new ArrayList<>(Collections.nCopies(replicas.hi() - replicas.lo(), empty));
    slices.forEachRemaining(s -> ordered.set(s._1() - replicas.lo(), s._2()));
    return ordered;
  }
}
