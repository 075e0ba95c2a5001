package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/** Puts the slices of a worker's replicas together from the blocks that the shuffle brings. */
public final class ReplicaRows {
  private ReplicaRows() {}

  /** The slice of each replica, in order; blocks may come in any order. */
  public static List<Slice> slices(
      RowFormat format, Node replicas, Iterator<Tuple2<Integer, RowBlock>> blocks) {
    List<List<RowBlock>> arrived = new ArrayList<>();
    for (int replica = replicas.lo(); replica < replicas.hi(); replica++) {
      arrived.add(new ArrayList<>());
    }
    blocks.forEachRemaining(b -> arrived.get(b._1() - replicas.lo()).add(b._2()));
    return arrived.stream().map(each -> slice(format, each)).toList();
  }

  private static Slice slice(RowFormat format, List<RowBlock> blocks) {
    blocks.sort(Comparator.comparingLong(RowBlock::first));
    SliceBuilder slice = new SliceBuilder(format);
    for (RowBlock block : blocks) {
      block.rows(format.length()).forEachRemaining(slice::append);
    }
    return slice.build();
  }
}
