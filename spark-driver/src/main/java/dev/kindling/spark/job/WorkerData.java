package dev.kindling.spark.job;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.spark.data.ReplicaRows;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.train.ReplicaTree.Node;
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
      Iterator<Tuple2<Integer, RowBlock>> train,
      Iterator<Tuple2<Integer, RowBlock>> test) {
    return new WorkerData(
        ReplicaRows.slices(format, replicas, train), ReplicaRows.slices(format, replicas, test));
  }
}
