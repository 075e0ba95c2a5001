package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/**
 * Puts the slices of a worker's replicas together from the blocks that the shuffle brings, in any
 * order; beyond the memory that is allowed, the largest go to disk. Used once.
 */
public final class ReplicaRows {
  private final RowFormat format;
  private final int replicas;
  private final SliceMemory memory;
  private final List<Arriving> slices = new ArrayList<>();
  private long inMemory;

  private ReplicaRows(RowFormat format, ReplicaTree tree, Node own, SliceMemory memory) {
    this.format = format;
    this.replicas = tree.replicas();
    this.memory = memory;
    for (int replica = own.lo(); replica < own.hi(); replica++) {
      slices.add(new Arriving());
    }
  }

  /** The slice of each replica of a worker, in order. Those on disk are closed by the caller. */
  public static List<StoredSlice> slices(
      RowFormat format,
      ReplicaTree tree,
      Node own,
      SliceMemory memory,
      Iterator<Tuple2<Integer, RowBlock>> blocks) {
    ReplicaRows rows = new ReplicaRows(format, tree, own, memory);
    blocks.forEachRemaining(block -> rows.add(block._1() - own.lo(), block._2()));
    return rows.slices.stream().map(Arriving::build).toList();
  }

  private void add(int slice, RowBlock block) {
    slices.get(slice).add(block);
    while (inMemory > memory.bytes()) {
      slices.stream()
          .max(Comparator.comparingLong(arriving -> arriving.bytes))
          .orElseThrow()
          .spill();
    }
  }

  /** A slice whose blocks are still arriving. */
  private final class Arriving {
    private final List<RowBlock> blocks = new ArrayList<>();
    private long bytes;
    private SpilledSlice.Builder onDisk;

    void add(RowBlock block) {
      if (onDisk != null) {
        put(block);
        return;
      }
      blocks.add(block);
      bytes += block.bytes();
      inMemory += block.bytes();
    }

    /** The rows of a block are every so-many-th by rank: neighbours in their slice. */
    private void put(RowBlock block) {
      onDisk.put(block.first() / replicas, block.rows());
    }

    void spill() {
      onDisk = new SpilledSlice.Builder(format, memory.folder());
      blocks.forEach(this::put);
      blocks.clear();
      inMemory -= bytes;
      bytes = 0;
    }

    StoredSlice build() {
      if (onDisk != null) {
        return onDisk.build();
      }
      blocks.sort(Comparator.comparingLong(RowBlock::first));
      SliceBuilder slice = new SliceBuilder(format);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).rows(format.length()).forEachRemaining(slice::append);
        blocks.set(i, null); // the copy takes its place
      }
      return slice.build();
    }
  }
}
