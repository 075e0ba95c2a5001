package dev.kindling.spark.job;

import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.spark.data.ReplicaRows;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.spark.data.SliceMemory;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/**
 * The slices of a worker's replicas, in their order; an empty one where no row fell to a replica.
 *
 * @param train rows to train on
 * @param test rows to evaluate on
 */
record WorkerData(List<StoredSlice> train, List<StoredSlice> test) {

  /** Puts the slices together; those that went to disk stay there until the task ends. */
  static WorkerData of(
      RunPlan run,
      int workers,
      Node own,
      Iterator<Tuple2<Integer, RowBlock>> train,
      Iterator<Tuple2<Integer, RowBlock>> test) {
    ReplicaTree tree = run.training().tree();
    SliceMemory memory = SliceMemory.ofTask(workers);
    WorkerData data =
        new WorkerData(
            ReplicaRows.slices(run.format(), tree, own, memory, train),
            ReplicaRows.slices(run.format(), tree, own, memory, test));
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> data.close());
    return data;
  }

  private void close() {
    Stream.concat(train.stream(), test.stream())
        .forEach(
            slice -> {
              if (slice instanceof SpilledSlice onDisk) {
                onDisk.close();
              }
            });
  }
}
