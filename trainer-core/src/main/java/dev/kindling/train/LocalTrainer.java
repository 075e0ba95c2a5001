package dev.kindling.train;

import dev.kindling.data.BatchShares;
import dev.kindling.data.Slice;
import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.optim.Update;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.util.List;

/**
 * Trains in one process on one thread: the same replicas, tree and update as the distributed run,
 * without a server. Every distributed result is compared with its bits.
 *
 * <p>Not thread-safe.
 */
public final class LocalTrainer implements GradientSink {
  private final TrainingConfig config;
  private final FlatUpdate rule;
  private final Buckets buckets;
  private final ReplicaStep replicaStep;
  private final Evaluator evaluator;
  private final ReplicaSlices data;
  private final List<Slice> testSlices;
  private final long stepsPerEpoch;
  private final Update update = new Update();
  private final GradientNorms norms;
  private final Rounding rounding;
  private final List<RowTable> tables;
  private ReduceLROnPlateau.State plateau;
  private int pushed;
  private float[] current;
  private float[] published;
  private float[] next;
  private long step;

  /**
   * A run that has not begun.
   *
   * @param slices the training rows of every replica
   * @param testSlices the held-out rows of every replica; may be empty
   * @throws dev.kindling.tensor.HeapException where the vectors that training holds cannot fit the
   *     heap together; before the first is taken
   */
  public LocalTrainer(TrainingConfig config, List<Slice> slices, List<Slice> testSlices) {
    this.config = config;
    this.testSlices = List.copyOf(testSlices);
    long rows = slices.stream().mapToLong(Slice::size).sum();
    BatchShares shares = new BatchShares(rows, config.replicas(), config.batchSize());
    stepsPerEpoch = shares.stepsPerEpoch();
    rule = config.update(rows);
    rounding = config.rounding();
    requireHeap();
    norms = new GradientNorms(rule.layout());
    current = FlatParameters.initialize(config.model(), config.seed());
    next = new float[current.length];
    publish();
    buckets = Buckets.of(current.length);
    tables = config.tables().stream().map(spec -> new RowTable(spec, 0)).toList();
    replicaStep = new ReplicaStep(config, 0, config.replicas());
    evaluator = new Evaluator(config);
    data = new ReplicaSlices(slices.get(0).format(), slices, 0, shares, config.seed());
    plateau = config.schedule().plateau().map(ReduceLROnPlateau::start).orElse(null);
    update.state = new float[config.optimizer().stateNames().size()][current.length];
    replicaStep.read(0, published, this);
  }

  /**
   * Two versions of the parameters, three where they are rounded; one vector more, first for the
   * layers' own as they are initialised, then for the gradients of a step as it is captured.
   */
  private void requireHeap() {
    VectorMemory.of(rule.layout())
        .with("parameters", rounding.isNone() ? 3 : 4)
        .with("the optimizer's", config.optimizer().stateNames().size())
        .with("gradients", ReplicaStep.vectors(List.of(config.tree().root())))
        .require();
  }

  /** Trains all epochs that are left. */
  public void fit() {
    while (step < config.epochs() * stepsPerEpoch) {
      step();
    }
  }

  /** Trains to the end of the epoch. */
  public void epoch() {
    do {
      step();
    } while (step % stepsPerEpoch != 0);
  }

  /** One step. */
  public void step() {
    replicaStep.run(step, published, data, this);
    float[] done = current;
    current = next;
    next = done;
    publish();
    step++;
    replicaStep.read(step, published, this);
    if (step % stepsPerEpoch == 0) {
      config.schedule().plateau().ifPresent(this::observe);
    }
  }

  /** The version as replicas read it: rounded, in an array of its own. */
  private void publish() {
    if (rounding.isNone()) {
      published = current;
      return;
    }
    published = published == null ? new float[current.length] : published;
    System.arraycopy(current, 0, published, 0, current.length);
    rounding.round(published, 0, published.length);
  }

  /** Lets the schedule see the epoch's metric. */
  private void observe(ReduceLROnPlateau schedule) {
    MetricSums sums = schedule.watchesTest() ? evaluate() : trainMetrics();
    plateau = schedule.next(plateau, sums.named(schedule.metric()));
    update.observedFactor = plateau.factor();
  }

  /** The root's sum of a bucket: applies the update rule, or waits for the whole gradient. */
  @Override
  public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
    long start = System.nanoTime();
    update.current = current;
    update.next = next;
    update.gradient = sums;
    update.gradientScale = Update.scale(weight);
    update.step = step;
    if (rule.measurements().isEmpty()) {
      range(Math.toIntExact(buckets.from(bucket)), Math.toIntExact(buckets.to(bucket)));
      rule.apply(update, 0);
    } else if (++pushed == buckets.count()) {
      pushed = 0;
      range(0, current.length);
      rule.applyWhole(update, norms);
    }
    times().optimizer += System.nanoTime() - start;
  }

  @Override
  public void pullRows(long version, int table, long[] keys, float[] into) {
    tables.get(table).pull(version, keys, into);
  }

  /** The root's sum of a table's rows. */
  @Override
  public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
    double factor = config.schedule().factor(step, stepsPerEpoch) * update.observedFactor;
    tables.get(table).apply(sums, weight, factor);
  }

  private void range(int from, int to) {
    update.from = from;
    update.to = to;
    update.gradientFrom = from;
  }

  /** Loss and accuracy on the test slices, added along the replica tree. */
  public MetricSums evaluate() {
    return evaluate(config.tree().root());
  }

  private MetricSums evaluate(Node node) {
    return node.isLeaf()
        ? evaluator.evaluate(published, testSlices.get(node.lo()))
        : evaluate(node.left()).plus(evaluate(node.right()));
  }

  /** Every metric that has a name, on the test slices, added along the replica tree. */
  public Evaluation evaluation() {
    return evaluation(config.tree().root());
  }

  private Evaluation evaluation(Node node) {
    if (!node.isLeaf()) {
      return evaluation(node.left()).plus(evaluation(node.right()));
    }
    Slice slice = testSlices.get(node.lo());
    Evaluation evaluation = Evaluation.summed(slice.format());
    evaluator.evaluate(current, slice, evaluation);
    return evaluation;
  }

  /** Metrics of the training samples since the start of the epoch. */
  public MetricSums trainMetrics() {
    return MetricSums.read(current, Math.toIntExact(rule.layout().metricsOffset()));
  }

  /** The flat vector as it stands: parameters first, in the order of the model. Shared. */
  public float[] values() {
    return current;
  }

  /** The row-sparse tables, in the order of the model. Shared. */
  public List<RowTable> tables() {
    return tables;
  }

  /** Steps done. */
  public long steps() {
    return step;
  }

  /** The gradient noise scale of late, in rows; NaN where it is not known. */
  public double noiseScale() {
    return replicaStep.noise().estimate().scale();
  }

  /** Nanoseconds by part. */
  public StepTimes times() {
    return replicaStep.times();
  }
}
