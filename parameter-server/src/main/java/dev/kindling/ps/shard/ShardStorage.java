package dev.kindling.ps.shard;

import dev.kindling.ps.RunSpec;
import dev.kindling.train.Buckets;
import dev.kindling.train.Rounding;
import dev.kindling.train.VectorMemory;
import dev.kindling.train.table.RowTable;
import java.util.List;

/**
 * The flat vector in two versions, or more if they may be stale, the optimizer's vectors and what
 * its schedule has seen: version v of n lives in {@code values[v % n]}. The arrays are shared with
 * the workers of the same JVM; the buckets' locks and the rule that a worker pushes for a step only
 * when it holds all of it guard them.
 *
 * <p>Where a run rounds what workers read, the rounded versions stand beside the exact ones, from
 * which the next are made.
 */
public final class ShardStorage {
  private final Buckets buckets;
  private final float[][] values;
  private final float[][] published;
  private final Rounding rounding;
  private final float[][] state;
  private final Plateau plateau;
  private final boolean isAsynchronous;
  private final List<RowTable> tables;

  /** Zeros for a whole run, and tables that nobody has touched, at version 0. */
  public ShardStorage(RunSpec run) {
    this(run, run.tables().stream().map(spec -> new RowTable(spec, 0)).toList());
  }

  /**
   * Zeros for a whole run, and its tables.
   *
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together with
   *     the values that they begin with
   */
  public ShardStorage(RunSpec run, List<RowTable> tables) {
    this.tables = tables;
    buckets = run.buckets();
    isAsynchronous = run.isAsynchronous();
    rounding = run.rounding();
    boolean isShared = rounding.isNone() || isAsynchronous;
    int versions = run.staleness() + 2;
    VectorMemory.of(run.update().layout())
        .with("versions of the parameters", isShared ? versions : 2 * versions)
        .with("the optimizer's", run.stateVectors())
        .with("what all of them begin with", 1 + run.stateVectors())
        .require();
    int length = Math.toIntExact(buckets.length());
    values = new float[versions][length];
    published = isShared ? values : new float[versions][length];
    state = new float[run.stateVectors()][length];
    plateau = new Plateau(run.update());
  }

  /** Memory that the vectors of a run take. */
  public static long bytes(RunSpec run) {
    boolean isRounded = !run.rounding().isNone() && !run.isAsynchronous();
    long versions = (run.staleness() + 2L) * (isRounded ? 2 : 1);
    return (versions + run.stateVectors()) * Float.BYTES * run.buckets().length();
  }

  /** The array that holds a version; the newest values where gradients are applied as they come. */
  public float[] values(long version) {
    return isAsynchronous ? values[0] : values[(int) (version % values.length)];
  }

  /** Room for a bucket's next values until they take the place of the newest. */
  float[] spare() {
    return values[1];
  }

  /** The array that holds a version as workers read it. */
  public float[] published(long version) {
    return published == values ? values(version) : published[(int) (version % published.length)];
  }

  /** Rounds a range of a version for those who read it; nothing where nothing is rounded. */
  void publish(long version, int from, int length) {
    if (published != values) {
      System.arraycopy(values(version), from, published(version), from, length);
      rounding.round(published(version), from, length);
    }
  }

  /** How many versions of a bucket are kept. */
  public int versions() {
    return values.length;
  }

  /** The optimizer's vectors. */
  public float[][] state() {
    return state;
  }

  /** What a schedule that watches a metric has seen. */
  public Plateau plateau() {
    return plateau;
  }

  /** The row-sparse tables. */
  public List<RowTable> tables() {
    return tables;
  }

  /** Where a bucket starts in each array. */
  public int offset(int bucket) {
    return Math.toIntExact(buckets.from(bucket));
  }

  /** The pieces of the vector. */
  public Buckets buckets() {
    return buckets;
  }
}
