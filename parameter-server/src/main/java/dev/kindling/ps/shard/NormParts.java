package dev.kindling.ps.shard;

import dev.kindling.train.GradientNorms.Measurement;

/** Takes what was measured of a range of the vector; the array may be used again afterwards. */
interface NormParts {
  void add(Measurement what, long from, long to, double[] parts);
}
