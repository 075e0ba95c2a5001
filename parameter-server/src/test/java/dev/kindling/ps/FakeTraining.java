package dev.kindling.ps;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientSink;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.Rounding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Training with gradients that cost nothing: {@code g(replica, step, i) = w - noise(replica, step,
 * i)}, where w is the value. Says what one process would compute, by plain recursion.
 */
public final class FakeTraining {
  public static final int WEIGHT = 16;

  private final int parameters;
  private final ReplicaTree tree;
  private final FlatUpdate update;
  private final Buckets buckets;
  private final List<float[]> versions = new ArrayList<>();
  private final float[][] state;
  private final FloatFormat wire;
  private final Rounding rounding;
  private final FakeTables tables;
  private boolean hasTables;

  public FakeTraining(int parameters, int replicas) {
    this(parameters, replicas, new Adam(0.01));
  }

  public FakeTraining(int parameters, int replicas, Optimizer optimizer) {
    this(parameters, replicas, optimizer, FloatFormat.FLOAT32);
  }

  /** The same with everything that travels rounded. */
  public FakeTraining(int parameters, int replicas, Optimizer optimizer, FloatFormat wire) {
    FlatLayout layout =
        new FlatLayout.Builder()
            .add("0.weight", List.of(parameters), Kind.PARAMETER)
            .addStatistic("1.running_mean", List.of(3), 0.1f)
            .build();
    this.parameters = parameters;
    this.wire = wire;
    rounding = new Rounding(wire, parameters);
    tree = new ReplicaTree(replicas);
    update = new FlatUpdate(layout, optimizer, new Schedule.Constant(), 5);
    buckets = Buckets.of(layout.length());
    state = new float[optimizer.stateNames().size()][length()];
    tables = new FakeTables(tree);
  }

  /** The same with the tables of {@link FakeTables}. */
  public FakeTraining withTables() {
    hasTables = true;
    return this;
  }

  /** The tables; null where there are none. */
  public FakeTables tables() {
    return hasTables ? tables : null;
  }

  public RunSpec run(String id, long steps) {
    RunSpec run = new RunSpec(id, tree, update, steps).over(wire);
    return hasTables ? run.with(FakeTables.SPECS) : run;
  }

  public int length() {
    return Math.toIntExact(buckets.length());
  }

  public float[] initial() {
    float[] values = new float[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 17 - 8) * 0.125f;
    }
    return values;
  }

  /** A replica's gradient of one element. */
  private static float gradient(int replica, long step, int i, float value) {
    long mixed = (replica * 31L + step) * 0x9E3779B97F4A7C15L + i * 0xBF58476D1CE4E5B9L;
    mixed ^= mixed >>> 29;
    return WEIGHT * value - (mixed * 0x94D049BB133111EBL >>> 40) * 0x1p-20f;
  }

  /** The sum over a node of one bucket. */
  private void fill(Node node, long step, int from, int to, float[] values, float[] into) {
    if (node.isLeaf()) {
      for (int i = from; i < to; i++) {
        // Metrics are added up: what grew with them would soon be infinite.
        into[i] = gradient(node.lo(), step, i, i < parameters ? values[i] : 0);
      }
      rounding.round(into, from, to - from);
      return;
    }
    float[] right = new float[into.length];
    fill(node.left(), step, from, to, values, into);
    fill(node.right(), step, from, to, values, right);
    for (int i = from; i < to; i++) {
      into[i] += right[i];
    }
    rounding.round(into, from, to - from);
  }

  /** What a worker pushes for a step: backward's order, the last bucket first. */
  public final class Pusher {
    private final List<Node> nodes;
    private final float[][] sums;

    public Pusher(int lo, int hi) {
      nodes = tree.cover(lo, hi);
      sums = new float[nodes.size()][length()];
    }

    public void step(long step, float[] values, GradientSink sink) {
      for (int n = 0; n < nodes.size(); n++) {
        for (int b = buckets.count() - 1; b >= 0; b--) {
          push(n, b, step, values, sink);
        }
      }
      if (hasTables) {
        FakeTables.step(step, nodes, sink);
      }
    }

    private void push(int n, int bucket, long step, float[] values, GradientSink sink) {
      Node node = nodes.get(n);
      int from = (int) buckets.from(bucket);
      fill(node, step, from, (int) buckets.to(bucket), values, sums[n]);
      sink.push(step, bucket, node.lo(), node.hi(), sums[n], WEIGHT * (node.hi() - node.lo()));
    }
  }

  /** What a plain computation gives after so many steps. */
  public float[] expected(long steps) {
    if (versions.isEmpty()) {
      versions.add(initial());
    }
    while (versions.size() <= steps) {
      versions.add(next(versions.size() - 1, versions.get(versions.size() - 1)));
    }
    return versions.get(Math.toIntExact(steps));
  }

  /** What a plain computation gives when replica r reads version {@code read[step][r]}. */
  public float[] stale(long[][] read) {
    return stale(read.length, (step, bucket, replica) -> read[step][replica]);
  }

  /** Which version a replica's gradient of a bucket's step was computed with. */
  public interface Reads {
    long version(int step, int bucket, int replica);
  }

  /** The same where some steps change nothing. */
  public float[] stale(long[][] read, Set<Long> skipped) {
    return stale(read.length, (step, bucket, replica) -> read[step][replica], skipped);
  }

  /** The same where that may be another one for each bucket; to be asked for once. */
  public float[] stale(int steps, Reads reads) {
    return stale(steps, reads, Set.of());
  }

  private float[] stale(int steps, Reads reads, Set<Long> skipped) {
    List<float[]> made = new ArrayList<>(List.of(initial()));
    for (int step = 0; step < steps; step++) {
      float[] gradient = new float[length()];
      for (int bucket = 0; bucket < buckets.count(); bucket++) {
        fill(tree.root(), step, bucket, made, reads, gradient);
      }
      float[] current = made.get(step);
      made.add(skipped.contains((long) step) ? current : next(step, current, gradient));
    }
    return made.get(steps);
  }

  private void fill(
      Node node, int step, int bucket, List<float[]> made, Reads reads, float[] into) {
    int from = (int) buckets.from(bucket);
    int to = (int) buckets.to(bucket);
    if (node.isLeaf()) {
      fill(node, step, from, to, made.get((int) reads.version(step, bucket, node.lo())), into);
      return;
    }
    float[] right = new float[into.length];
    fill(node.left(), step, bucket, made, reads, into);
    fill(node.right(), step, bucket, made, reads, right);
    for (int i = from; i < to; i++) {
      into[i] += right[i];
    }
  }

  private float[] next(long step, float[] current) {
    float[] gradient = new float[length()];
    float[] read = current.clone();
    rounding.round(read, 0, read.length);
    fill(tree.root(), step, 0, length(), read, gradient);
    return next(step, current, gradient);
  }

  private float[] next(long step, float[] current, float[] gradient) {
    Update u = new Update();
    u.state = state;
    u.current = current;
    u.next = new float[length()];
    u.gradient = gradient;
    u.gradientScale = (float) (1 / (double) (WEIGHT * tree.replicas()));
    u.to = length();
    u.step = step;
    if (update.measurements().isEmpty()) {
      update.apply(u, 0);
    } else {
      update.applyWhole(u, new GradientNorms(update.layout()));
    }
    return u.next;
  }
}
