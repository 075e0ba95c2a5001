package dev.kindling.ps.client;

import dev.kindling.kernel.Kernels;
import dev.kindling.train.Buckets;
import dev.kindling.train.NoiseScale;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.Rounding;

/**
 * One bucket's gradients over a node of the replica tree, added in the array of the left half and
 * rounded as they travel. Thread-safe.
 */
final class BucketSum {
  private static final Kernels KERNELS = Kernels.best();

  private final int from;
  private final int length;
  private final Rounding rounding;
  private final NodeSum<float[]> sum;
  private final NoiseScale noise;

  BucketSum(Node node, Buckets buckets, int bucket, Rounding rounding) {
    from = Math.toIntExact(buckets.from(bucket));
    length = buckets.length(bucket);
    this.rounding = rounding;
    sum = new NodeSum<>(node, this::plus);
    noise = new NoiseScale(rounding.parameters());
  }

  private float[] plus(float[] left, float[] right) {
    KERNELS.add(left, from, right, from, left, from, length);
    rounding.round(left, from, length);
    return left;
  }

  /** The gradients of a node below; returns those of the whole if they are complete, else null. */
  synchronized float[] add(long step, int lo, int hi, float[] part, double weight) {
    boolean isMeasured = NoiseScale.measures(step);
    if (isMeasured) {
      noise.addLeaf(part, 0, from, from + length);
      noise.endLeaf(weight);
    }
    float[] whole = sum.add(lo, hi, part, weight);
    if (isMeasured && whole != null) {
      noise.addNode(whole, 0, from, from + length);
      noise.endNode(sum.weight());
      noise.endStep();
    }
    return whole;
  }

  /** The weight of the sum that {@link #add} gave; for who holds the lock still. */
  double weight() {
    return sum.weight();
  }

  synchronized Estimate noise() {
    return noise.estimate();
  }

  synchronized void forget() {
    sum.forget();
  }
}
