package dev.kindling.train;

import dev.kindling.autograd.Anomaly;
import dev.kindling.autograd.AnomalyException;
import dev.kindling.data.augment.Augmentation;
import dev.kindling.data.augment.Transform;
import dev.kindling.kernel.Kernels;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.StepContext;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One step of all the replicas that a worker holds: forward, loss and backward of each on its share
 * of the batch, added up along the replica tree. A bucket goes to the sink as soon as the backward
 * of a node's last replica has finished it.
 *
 * <p>Replays captured plans: after the first steps nothing is allocated. Not thread-safe; one per
 * worker thread.
 */
public final class ReplicaStep {
  private static final Kernels KERNELS = Kernels.best();

  private final Module model;
  private final Loss loss;
  private final FlatParameters parameters;
  private final ModelTables tables;
  private final SparseRows[][] rowSums;
  private final Buckets buckets;
  private final Rounding rounding;
  private final List<Leaf> leaves;
  private final float[][] gradients;
  private final double[] weights;
  private final StepContext context;
  private final CapturedStep[] captured;
  private final boolean isDetecting;
  private final List<Transform> transforms;
  private final long seed;
  private final StepTimes times = new StepTimes();
  private final NoiseScale noise;
  private BucketGate gate = BucketGate.OPEN;
  private boolean isMeasured;

  /** Prepares the steps of replicas [lo, hi). */
  public ReplicaStep(TrainingConfig config, int lo, int hi) {
    this(config, config.tree().cover(lo, hi));
  }

  /**
   * Prepares the steps of some nodes of the replica tree; each has a sum of its own.
   *
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together
   */
  public ReplicaStep(TrainingConfig config, List<Node> nodes) {
    int buffers = vectors(nodes);
    VectorMemory.of(config.layout())
        .with("parameters", 2)
        .with("gradients", buffers + 1) // one more while a step is captured
        .require();
    model = config.model();
    loss = config.loss();
    parameters = new FlatParameters(model);
    buckets = Buckets.of(parameters.layout().length());
    rounding = config.rounding();
    noise = new NoiseScale(parameters.layout().parameters());
    leaves = schedule(nodes);
    gradients = new float[buffers][Math.toIntExact(parameters.layout().length())];
    weights = new double[buffers];
    tables = new ModelTables(model);
    rowSums = new SparseRows[buffers][tables.count()];
    context = new StepContext(config.seed());
    captured = new CapturedStep[config.batchSize() + 1];
    isDetecting = config.detectAnomaly();
    transforms = config.transforms();
    seed = config.seed();
  }

  /** How many vectors of gradients the steps of some nodes need. */
  public static int vectors(List<Node> nodes) {
    int most = 0;
    for (int i = 0; i < nodes.size(); i++) {
      most = Math.max(most, i + vectors(nodes.get(i)));
    }
    return most;
  }

  private static int vectors(Node node) {
    return node.isLeaf() ? 1 : Math.max(vectors(node.left()), 1 + vectors(node.right()));
  }

  /**
   * The leaves of the nodes, one node after the other. Each node's sum keeps a buffer to itself
   * until the next step; what is below it uses the buffers above.
   */
  private List<Leaf> schedule(List<Node> nodes) {
    List<Leaf> schedule = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      descend(nodes.get(i), i, 0, nodes.get(i), schedule);
    }
    return schedule;
  }

  private void descend(Node node, int buffer, int foldings, Node completes, List<Leaf> schedule) {
    if (node.isLeaf()) {
      schedule.add(new Leaf(node.lo(), buffer, foldings, completes));
    } else {
      descend(node.left(), buffer, 0, null, schedule);
      descend(node.right(), buffer + 1, foldings + 1, completes, schedule);
    }
  }

  /** Nanoseconds by part, added up until the caller resets them. */
  public StepTimes times() {
    return times;
  }

  /** The gradient noise scale, from the replicas below each of this worker's nodes. */
  public NoiseScale noise() {
    return noise;
  }

  /**
   * Computes step {@code step} on the parameters in {@code values} and hands every bucket of every
   * node to the sink.
   *
   * @throws AnomalyException where {@code train.detect_anomaly} asks for it and an operation makes
   *     NaN or infinity, naming the step, the replica and the operation
   */
  public void run(long step, float[] values, ReplicaSlices data, GradientSink sink) {
    run(step, values, BucketGate.OPEN, data, sink);
  }

  /**
   * The same on parameters that are still arriving: each bucket is read once the gate lets it pass,
   * and nothing goes to the sink before all have passed.
   */
  public void run(
      long step, float[] values, BucketGate arrivals, ReplicaSlices data, GradientSink sink) {
    gate = arrivals;
    read(step, values, sink);
    isMeasured = NoiseScale.measures(step);
    for (int i = 0; i < leaves.size(); i++) {
      leaves.get(i).run(step, data, sink);
    }
    if (isMeasured) {
      noise.endStep();
    }
    times.steps++;
  }

  /**
   * The model reads this version of the parameters and of the tables from now on.
   *
   * @param from holds the tables
   */
  public void read(long version, float[] values, GradientSink from) {
    parameters.point(values);
    tables.read(version, from);
  }

  private void awaitAll() {
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      gate.await(bucket);
    }
  }

  private CapturedStep planFor(int rows, ReplicaSlices data) {
    if (captured[rows] == null) {
      awaitAll(); // capturing computes
      BatchInput input = new BatchInput(data.format(), rows);
      captured[rows] = new CapturedStep(model, loss, context, input, parameters, tables, buckets);
    }
    return captured[rows];
  }

  /**
   * One replica's place in the sums: it computes into {@code buffer}; then {@code foldings} times
   * that buffer is added to the one below; then {@code completes} is whole, unless null.
   */
  private final class Leaf implements CapturedStep.BucketListener {
    private final int replica;
    private final int buffer;
    private final int foldings;
    private final Node completes;

    private Augmentation augmentation;
    private long step;
    private GradientSink sink;

    Leaf(int replica, int buffer, int foldings, Node completes) {
      this.replica = replica;
      this.buffer = buffer;
      this.foldings = foldings;
      this.completes = completes;
    }

    void run(long step, ReplicaSlices data, GradientSink sink) {
      this.step = step;
      this.sink = sink;
      int rows = data.rows(replica, replica + 1, step);
      if (rows == 0) {
        skip();
      } else {
        compute(planFor(rows, data), data);
      }
      if (isMeasured) {
        measured();
      }
    }

    private void measured() {
      noise.endLeaf(weights[buffer]);
      if (completes != null) {
        noise.endNode(weights[buffer - foldings]);
      }
    }

    private void compute(CapturedStep plan, ReplicaSlices data) {
      long start = System.nanoTime();
      if (augmentation == null && !transforms.isEmpty()) {
        augmentation = new Augmentation(data.format(), transforms, seed, replica);
      }
      data.fill(replica, step, plan.input(), augmentation);
      context.moveTo(step, replica);
      addWeight(loss.weight(plan.input().target(), plan.input().weights()));
      times.batch += System.nanoTime() - start;
      tables.clear();
      if (isDetecting) {
        search(plan);
      } else {
        plan.run(gradients[buffer], weights[buffer], gate, this, times);
      }
      rowsReady();
    }

    private void search(CapturedStep plan) {
      try {
        Anomaly.detect(
            () -> {
              plan.run(gradients[buffer], weights[buffer], gate, this, times);
              return null;
            });
      } catch (AnomalyException e) {
        throw new AnomalyException(
            "step %d, replica %d: %s".formatted(step, replica, e.getMessage()));
      }
    }

    /** A share without rows adds zero. */
    private void skip() {
      awaitAll();
      addWeight(0);
      Arrays.fill(gradients[buffer], 0);
      for (int b = buckets.count() - 1; b >= 0; b--) {
        ready(b);
      }
      tables.clear();
      rowsReady();
    }

    /** Adds what the losses count into every node that this replica ends. */
    private void addWeight(double weight) {
      weights[buffer] = weight;
      for (int sum = buffer; sum > buffer - foldings; sum--) {
        weights[sum - 1] += weights[sum];
      }
    }

    /** Adds the tables' rows into every node that this replica ends, then sends what is whole. */
    private void rowsReady() {
      for (int table = 0; table < tables.count(); table++) {
        int sum = buffer;
        rowSums[sum][table] = tables.gradients(table);
        for (int i = 0; i < foldings; i++, sum--) {
          rowSums[sum - 1][table] = SparseRows.plus(rowSums[sum - 1][table], rowSums[sum][table]);
        }
        if (completes != null) {
          sink.pushRows(
              step, table, completes.lo(), completes.hi(), rowSums[sum][table], weights[sum]);
        }
      }
    }

    /**
     * Rounds the bucket, adds it into every node that this replica ends, rounding each, then sends
     * what is whole.
     */
    @Override
    public void ready(int bucket) {
      int from = Math.toIntExact(buckets.from(bucket));
      int length = buckets.length(bucket);
      if (isMeasured) {
        noise.addLeaf(gradients[buffer], 0, from, from + length);
      }
      int sum = buffer;
      rounding.round(gradients[sum], from, length);
      for (int i = 0; i < foldings; i++, sum--) {
        float[] below = gradients[sum - 1];
        KERNELS.add(below, from, gradients[sum], from, below, from, length);
        rounding.round(below, from, length);
      }
      if (completes != null) {
        if (isMeasured) {
          noise.addNode(gradients[sum], 0, from, from + length);
        }
        sink.push(step, bucket, completes.lo(), completes.hi(), gradients[sum], weights[sum]);
      }
    }
  }
}
