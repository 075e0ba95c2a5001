package dev.kindling.ps.shard;

import dev.kindling.ps.RunSpec;
import dev.kindling.train.Buckets;
import dev.kindling.train.MetricSums;
import dev.kindling.train.Rounding;
import dev.kindling.train.VectorMemory;
import dev.kindling.train.table.RowTable;
import java.util.Arrays;
import java.util.List;

/**
 * The buckets of a process in two versions, or more if they may be stale, the optimizer's vectors
 * and what its schedule has seen: version v of n lives in {@code values[v % n]}. All arrays are as
 * long as the process's share, whose buckets stand one after the other ({@link #offset}); where it
 * is everything, each is the flat vector, and shared with the workers of the same JVM. The buckets'
 * locks and the rule that a worker pushes for a step only when it holds all of it guard them.
 *
 * <p>Where a run rounds what workers read, the rounded versions stand beside the exact ones, from
 * which the next are made.
 */
public final class ShardStorage {
  private final ShardShare share;
  private final Buckets buckets;
  private final long metricsOffset;
  private final float[][] values;
  private final float[][] published;
  private final Rounding rounding;
  private final float[][] state;
  private final Plateau plateau;
  private final boolean isAsynchronous;
  private final List<RowTable> tables;

  /** Zeros for a whole run, and tables that nobody has touched, at version 0. */
  public ShardStorage(RunSpec run) {
    this(run, ShardShare.ALL, untouched(run));
  }

  /**
   * Zeros for a share of a run, and its tables.
   *
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together
   */
  public ShardStorage(RunSpec run, ShardShare share, List<RowTable> tables) {
    this(
        run,
        share,
        tables,
        0,
        new float[length(run, share)],
        new float[run.stateVectors()][length(run, share)]);
  }

  /**
   * Takes over the vectors of a version.
   *
   * @param values one for each element of the share
   * @param state the optimizer's vectors, of the same length
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together
   */
  public ShardStorage(
      RunSpec run,
      ShardShare share,
      List<RowTable> tables,
      long version,
      float[] values,
      float[][] state) {
    this.share = share;
    this.tables = tables;
    buckets = run.buckets();
    metricsOffset = run.update().layout().metricsOffset();
    isAsynchronous = run.isAsynchronous();
    rounding = run.rounding();
    this.values = new float[versions(run)][];
    this.values[isAsynchronous ? 0 : (int) (version % this.values.length)] = values;
    int length = length(run, share);
    Arrays.setAll(this.values, i -> this.values[i] == null ? new float[length] : this.values[i]);
    published = isShared(run) ? this.values : new float[this.values.length][length];
    this.state = state.clone();
    plateau = new Plateau(run.update());
  }

  private static List<RowTable> untouched(RunSpec run) {
    return run.tables().stream().map(spec -> new RowTable(spec, 0)).toList();
  }

  private static int length(RunSpec run, ShardShare share) {
    memory(run, share).require();
    return Math.toIntExact(share.elements(run.buckets()));
  }

  private static int versions(RunSpec run) {
    return run.staleness() + 2;
  }

  /** Whether workers read the exact values. */
  private static boolean isShared(RunSpec run) {
    return run.rounding().isNone() || run.isAsynchronous();
  }

  /** The vectors that a process holds for its share of a run. */
  public static VectorMemory memory(RunSpec run, ShardShare share) {
    int versions = versions(run);
    return new VectorMemory(share.elements(run.buckets()), List.of())
        .with("versions of the parameters", isShared(run) ? versions : 2 * versions)
        .with("the optimizer's", run.stateVectors());
  }

  /** The buckets that there is room for. */
  public ShardShare share() {
    return share;
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

  /** Rounds a bucket of a version for those who read it; nothing where nothing is rounded. */
  void publish(long version, int bucket) {
    if (published != values) {
      int from = offset(bucket);
      int length = buckets.length(bucket);
      float[] into = published(version);
      System.arraycopy(values(version), from, into, from, length);
      rounding.format().round(into, from, rounding.within(buckets.from(bucket), length));
    }
  }

  /**
   * Sums over the samples since the start of the epoch, at a version: those that are in buckets of
   * this process.
   */
  public MetricSums metrics(long version) {
    float[] sums = new float[MetricSums.LENGTH];
    for (int i = 0; i < sums.length; i++) {
      long element = metricsOffset + i;
      int bucket = buckets.holding(element);
      if (share.owns(bucket)) {
        sums[i] = values(version)[offset(bucket) + (int) (element - buckets.from(bucket))];
      }
    }
    return MetricSums.read(sums, 0);
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
    return share.offset(buckets, bucket);
  }

  /** The pieces of the vector. */
  public Buckets buckets() {
    return buckets;
  }
}
