package dev.kindling.train;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.kernel.Kernels;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.StepContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sums of the gradients over any rows of a slice, however many: micro-batches of a fixed size,
 * added along a {@link ReplicaTree} over them. So memory depends on the micro-batch alone, and the
 * bits on it and the rows.
 *
 * <p>Replays captured plans; a few numbers of rows are kept, the longest unused one is given up.
 * Not thread-safe; one for each thread that trains.
 */
public final class BatchGradient {
  private static final Kernels KERNELS = Kernels.best();
  private static final int PLANS = 16;

  private final Module model;
  private final Loss loss;
  private final RowFormat format;
  private final int microBatch;
  private final StepContext context;
  private final FlatParameters parameters;
  private final ModelTables tables;
  private final Buckets oneBucket;
  private final StepTimes times = new StepTimes();
  private final List<float[]> below = new ArrayList<>();
  private final Map<Integer, CapturedStep> plans = new LinkedHashMap<>(PLANS, 0.75f, true);

  private Slice slice;
  private int[] order;
  private int from;
  private int to;
  private long index;
  private int stream;
  private double weight;

  /**
   * Gradients of a network's loss.
   *
   * @param microBatch rows that are in memory at once, at most
   * @param seed of random operations
   */
  public BatchGradient(Module model, Loss loss, RowFormat format, int microBatch, long seed) {
    this.model = model;
    this.loss = loss;
    this.format = format;
    this.microBatch = microBatch;
    context = new StepContext(seed);
    parameters = new FlatParameters(model);
    tables = new ModelTables(model);
    if (tables.count() > 0) {
      throw new IllegalArgumentException(
          "federated averaging has no row-sparse tables; set sparse of Embedding to false");
    }
    int length = Math.toIntExact(parameters.layout().length());
    oneBucket = new Buckets(length, length);
  }

  /** What stands where in the vectors. */
  public FlatLayout layout() {
    return parameters.layout();
  }

  /** Micro-batches of so many rows. */
  public int microBatches(int rows) {
    return (rows + microBatch - 1) / microBatch;
  }

  /**
   * Computes the sums over the rows {@code order[from]} to {@code order[from + count - 1]}.
   *
   * @param values the flat vector of the parameters
   * @param index number of the first micro-batch, for random operations
   * @param stream of random operations
   * @param into takes the sums
   * @return what the losses count together
   */
  public double compute(
      float[] values,
      Slice slice,
      int[] order,
      int from,
      int count,
      long index,
      int stream,
      float[] into) {
    parameters.point(values);
    this.slice = slice;
    this.order = order;
    this.from = from;
    this.to = from + count;
    this.index = index;
    this.stream = stream;
    weight = 0;
    node(0, microBatches(count), into, 0);
    return weight;
  }

  /** Sums the micro-batches [lo, hi) as a node of the replica tree. */
  private void node(int lo, int hi, float[] into, int depth) {
    if (hi - lo == 1) {
      leaf(lo, into);
      return;
    }
    int split = lo + Integer.highestOneBit(hi - lo - 1);
    node(lo, split, into, depth);
    float[] right = buffer(depth);
    node(split, hi, right, depth + 1);
    KERNELS.add(into, 0, right, 0, into, 0, into.length);
  }

  private float[] buffer(int depth) {
    if (below.size() == depth) {
      below.add(new float[oneBucket.size()]);
    }
    return below.get(depth);
  }

  private void leaf(int micro, float[] into) {
    int first = from + micro * microBatch;
    CapturedStep plan = plan(Math.min(microBatch, to - first));
    plan.input().fill(slice, order, first);
    context.moveTo(index + micro, stream);
    double ofLeaf = loss.weight(plan.input().target());
    plan.run(into, ofLeaf, BucketGate.OPEN, bucket -> {}, times);
    weight += ofLeaf;
  }

  private CapturedStep plan(int rows) {
    CapturedStep plan = plans.get(rows);
    if (plan == null) {
      if (plans.size() == PLANS) {
        plans.remove(plans.keySet().iterator().next());
      }
      BatchInput input = new BatchInput(format, rows);
      plan = new CapturedStep(model, loss, context, input, parameters, tables, oneBucket);
      plans.put(rows, plan);
    }
    return plan;
  }
}
