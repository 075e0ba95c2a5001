package dev.kindling.train;

import dev.kindling.data.BatchShares;
import dev.kindling.data.Slice;
import dev.kindling.train.ReplicaTree.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What workers push for step 0, completed along the replica tree. */
final class NodeSums {
  private final ReplicaTree tree;
  private final Map<Node, float[]> pushed = new HashMap<>();

  private NodeSums(ReplicaTree tree) {
    this.tree = tree;
  }

  static NodeSums of(TrainingConfig config, List<Slice> slices, float[] values, int workers) {
    NodeSums sums = new NodeSums(config.tree());
    long rows = slices.stream().mapToLong(Slice::size).sum();
    Buckets buckets = Buckets.of(config.layout().length());
    for (int w = 0; w < workers; w++) {
      Node share = config.tree().shareOf(w, workers);
      BatchShares shares = new BatchShares(rows, config.replicas(), config.batchSize());
      ReplicaSlices data =
          new ReplicaSlices(
              slices.get(0).format(),
              slices.subList(share.lo(), share.hi()),
              share.lo(),
              shares,
              config.seed());
      new ReplicaStep(config, share.lo(), share.hi())
          .run(0, values, data, (step, b, lo, hi, s, weight) -> sums.keep(buckets, b, lo, hi, s));
    }
    return sums;
  }

  private void keep(Buckets buckets, int bucket, int lo, int hi, float[] sums) {
    float[] kept = pushed.computeIfAbsent(new Node(lo, hi), node -> new float[sums.length]);
    int from = (int) buckets.from(bucket);
    System.arraycopy(sums, from, kept, from, buckets.length(bucket));
  }

  float[] root() {
    return sum(tree.root());
  }

  private float[] sum(Node node) {
    float[] whole = pushed.get(node);
    if (whole != null) {
      return whole;
    }
    float[] left = sum(node.left());
    float[] right = sum(node.right());
    float[] both = new float[left.length];
    for (int i = 0; i < both.length; i++) {
      both[i] = left[i] + right[i];
    }
    return both;
  }
}
