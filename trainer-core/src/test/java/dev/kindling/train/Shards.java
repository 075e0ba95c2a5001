package dev.kindling.train;

import dev.kindling.optim.Update;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.ArrayList;
import java.util.List;

/** The flat vector spread over shards of {@code size} elements that know only their own part. */
final class Shards {
  private static final int SHIFT = 3;
  private final FlatUpdate rule;
  private final int size;
  private final int length;
  private final GradientNorms norms;
  private final List<Update> parts = new ArrayList<>();

  Shards(FlatUpdate rule, float[] start, int size) {
    this.rule = rule;
    this.size = size;
    length = start.length;
    norms = new GradientNorms(rule.layout());
    for (int from = 0; from < length; from += size) {
      parts.add(shard(start, from, Math.min(size, length - from)));
    }
  }

  /** Places in a shard's arrays begin at the shard's number: no two have the same base. */
  private Update shard(float[] start, int from, int elements) {
    Update u = new Update();
    u.from = from / size;
    u.to = u.from + elements;
    u.current = new float[u.to];
    u.next = new float[u.to];
    u.state = new float[rule.optimizer().stateNames().size()][u.to];
    System.arraycopy(start, from, u.current, u.from, elements);
    return u;
  }

  private long base(int shard) {
    return (long) shard * size - shard;
  }

  void step(float[] sums, int samples) {
    for (int s = 0; s < parts.size(); s++) {
      Update u = parts.get(s);
      u.gradientScale = 1f / samples;
      u.gradientFrom = SHIFT;
      u.gradient = new float[SHIFT + u.to - u.from];
      System.arraycopy(sums, s * size, u.gradient, SHIFT, u.to - u.from);
    }
    rule.measurements().forEach(this::measure);
    for (int s = 0; s < parts.size(); s++) {
      apply(s);
    }
  }

  private void measure(Measurement what) {
    List<double[]> measured = new ArrayList<>();
    for (int s = 0; s < parts.size(); s++) {
      double[] sums = new double[norms.length(what, from(s), to(s))];
      rule.measure(what, parts.get(s), base(s), norms, sums);
      measured.add(sums);
    }
    for (int s = 0; s < parts.size(); s++) {
      norms.add(what, from(s), to(s), measured.get(s));
    }
  }

  private long from(int shard) {
    return (long) shard * size;
  }

  private long to(int shard) {
    return Math.min(length, from(shard) + size);
  }

  private void apply(int shard) {
    Update u = parts.get(shard);
    rule.apply(u, base(shard), norms);
    float[] done = u.current;
    u.current = u.next;
    u.next = done;
    u.step++;
  }

  float[] values() {
    float[] values = new float[length];
    for (int s = 0; s < parts.size(); s++) {
      Update u = parts.get(s);
      System.arraycopy(u.current, u.from, values, s * size, u.to - u.from);
    }
    return values;
  }
}
