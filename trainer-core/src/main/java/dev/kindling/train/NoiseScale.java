package dev.kindling.train;

/**
 * The gradient noise scale (McCandlish et al., 2018), in rows: a batch well below it learns about
 * as much from a row as a single row would, one well above it wastes rows.
 *
 * <pre>
 * B_simple   = tr(Sigma) / |G|^2
 * tr(Sigma) ~ (mean |g_i|^2 - |g|^2) / (mean 1/b_i - 1/B)
 * |G|^2     ~ |g|^2 - tr(Sigma) / B
 * </pre>
 *
 * with the mean gradients g_i of b_i rows each, and g of all their rows, B: in a worker those of
 * its replicas and of the node of the replica tree that they make, in a shard those that the
 * workers push and their sum. Both estimates are without bias, and sums over the parameters, so
 * that buckets may be measured apart; each is an exponential average, by 0.9, over the steps that
 * are measured (every 16th, so that it costs little), and the scale is the quotient of the
 * averages. One gradient alone tells nothing. Not thread-safe.
 */
public final class NoiseScale {
  private static final int EVERY = 16;
  private static final double DECAY = 0.9;

  private final long parameters;
  private final double[] squares = new double[2 * Long.SIZE];
  private double leafSquares;
  private double nodeSquares;
  private double meanSquares;
  private double inverses;
  private int leaves;
  private double stepTrace;
  private double stepSquared;
  private int nodes;
  private double trace;
  private double squared;

  /** Of vectors that begin with so many parameters. */
  public NoiseScale(long parameters) {
    this.parameters = parameters;
  }

  /** Whether a step is measured. */
  public static boolean measures(long step) {
    return step % EVERY == 0;
  }

  /**
   * A range of a leaf's gradient sums.
   *
   * @param shift added to a place in the flat vector gives the place in {@code sums}
   */
  public void addLeaf(float[] sums, long shift, long from, long to) {
    leafSquares += squares(sums, shift, from, to);
  }

  /** A range of the gradient sums of all leaves together. */
  public void addNode(float[] sums, long shift, long from, long to) {
    nodeSquares += squares(sums, shift, from, to);
  }

  private double squares(float[] x, long shift, long from, long to) {
    int count = SquareTree.measure(x, shift, from, Math.min(to, parameters), squares, 0);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += squares[i];
    }
    return sum;
  }

  /** All of a leaf was added; {@code rows} may be 0. */
  public void endLeaf(double rows) {
    if (rows > 0) {
      meanSquares += leafSquares / (rows * rows);
      inverses += 1 / rows;
      leaves++;
    }
    leafSquares = 0;
  }

  /** All of a node was added, after its leaves. */
  public void endNode(double rows) {
    if (leaves > 1) {
      double square = nodeSquares / (rows * rows);
      double nodeTrace = (meanSquares / leaves - square) / (inverses / leaves - 1 / rows);
      stepTrace += nodeTrace;
      stepSquared += square - nodeTrace / rows;
      nodes++;
    }
    nodeSquares = 0;
    meanSquares = 0;
    inverses = 0;
    leaves = 0;
  }

  /** All nodes of a step were added. */
  public void endStep() {
    if (nodes > 0) {
      trace = DECAY * trace + (1 - DECAY) * stepTrace / nodes;
      squared = DECAY * squared + (1 - DECAY) * stepSquared / nodes;
    }
    stepTrace = 0;
    stepSquared = 0;
    nodes = 0;
  }

  /** The averages so far. */
  public Estimate estimate() {
    return new Estimate(trace, squared);
  }

  /**
   * Estimates, which may be added where several workers, buckets or servers have a part.
   *
   * @param trace of tr(Sigma)
   * @param squared of |G|^2
   */
  public record Estimate(double trace, double squared) {
    /** Nothing was measured. */
    public static final Estimate NONE = new Estimate(0, 0);

    /** Of two parts. */
    public Estimate plus(Estimate other) {
      return new Estimate(trace + other.trace, squared + other.squared);
    }

    /** tr(Sigma) / |G|^2, in rows; NaN where nothing was measured, or noise hides G. */
    public double scale() {
      return trace > 0 && squared > 0 ? trace / squared : Double.NaN;
    }
  }
}
