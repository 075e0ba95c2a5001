package dev.kindling.ps.shard;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.Buckets;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientNorms.Measurement;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * How the processes of a run come to know the whole gradient of a step. Each measures the buckets
 * that it holds and tells all others; each adds all parts in the order of the vector, so that all
 * come to the same bits, those of a run in one process. A step has a phase for each measurement of
 * the rule, and at least one, which says whether every sum is finite.
 *
 * <p>What others have told stays true when the workers start again, because a sum over all replicas
 * has the same bits whoever computed it. Not thread-safe: {@link WholeSteps} holds its lock.
 */
final class NormExchange {
  /** What is known of an open step. */
  enum Finding {
    /** Something is missing. */
    OPEN,
    /** All of it is finite, and measured. */
    FINITE,
    /** Some of it is not finite. */
    NOT_FINITE
  }

  private static final int CLOSED = -1;

  private final Buckets layout;
  private final Bucket[] buckets;
  private final GradientNorms norms;
  private final List<Measurement> measurements;
  private final Consumer<Norms> others;
  private final Norms[][] told;
  private int phase = CLOSED;

  /**
   * Nothing open.
   *
   * @param buckets null where another process holds one
   * @param norms gets what all have measured
   * @param others takes what the other processes are to hear
   */
  NormExchange(RunSpec run, Bucket[] buckets, GradientNorms norms, Consumer<Norms> others) {
    layout = run.buckets();
    this.buckets = buckets;
    this.norms = norms;
    this.others = others;
    measurements = run.update().measurements();
    told = new Norms[Math.max(1, measurements.size())][buckets.length];
  }

  /** The sums of all buckets of this process are complete. */
  Finding open(long version, Workspace workspace) {
    tell(version, 0, workspace);
    return proceed(version, workspace);
  }

  /** The open sums are discarded: the workers start again. */
  void discard() {
    phase = CLOSED;
  }

  /**
   * Another process has told something.
   *
   * @param version of the buckets here
   */
  Finding receive(Norms news, long version, Workspace workspace) {
    check(news, version);
    if (news.version() < version) {
      return Finding.OPEN; // told once more by one whose workers started again
    }
    told[news.phase()][news.bucket()] = news;
    return phase == CLOSED ? Finding.OPEN : proceed(version, workspace);
  }

  private void check(Norms news, long version) {
    int bucket = news.bucket();
    boolean isThere = bucket >= 0 && bucket < buckets.length && buckets[bucket] == null;
    if (!isThere || news.phase() >= told.length || news.version() > version) {
      throw new WireException("%s: not awaited at version %d".formatted(news, version));
    }
    if (news.isFinite() && news.parts().length != length(news.phase(), bucket)) {
      throw new WireException(
          "%s: it has to have %d".formatted(news, length(news.phase(), bucket)));
    }
  }

  private Finding proceed(long version, Workspace workspace) {
    while (isWhole(phase)) {
      if (!isFinite()) {
        return close(Finding.NOT_FINITE);
      }
      join(workspace);
      if (phase + 1 == told.length) {
        return close(Finding.FINITE);
      }
      tell(version, phase + 1, workspace);
    }
    return Finding.OPEN;
  }

  private Finding close(Finding finding) {
    phase = CLOSED;
    for (Norms[] heard : told) {
      Arrays.fill(heard, null);
    }
    return finding;
  }

  private boolean isWhole(int of) {
    for (Norms one : told[of]) {
      if (one == null) {
        return false;
      }
    }
    return true;
  }

  private boolean isFinite() {
    for (Norms one : told[phase]) {
      if (!one.isFinite()) {
        return false;
      }
    }
    return true;
  }

  private void tell(long version, int next, Workspace workspace) {
    phase = next;
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      if (buckets[bucket] != null) {
        boolean isFinite = next > 0 || buckets[bucket].isFinite(workspace);
        double[] parts = isFinite ? measure(bucket, workspace) : new double[0];
        told[next][bucket] = new Norms(version, next, bucket, isFinite, parts);
        others.accept(told[next][bucket]);
      }
    }
  }

  private double[] measure(int bucket, Workspace workspace) {
    DoubleBuffer parts = DoubleBuffer.allocate(length(phase, bucket));
    if (!measurements.isEmpty()) {
      buckets[bucket].measure(
          measurements.get(phase),
          workspace,
          norms,
          (what, from, to, part) -> parts.put(part, 0, norms.length(what, from, to)));
    }
    return parts.array();
  }

  /** How many numbers a phase has of a bucket. */
  private int length(int of, int bucket) {
    int length = 0;
    if (!measurements.isEmpty()) {
      long end = layout.from(bucket) + layout.length(bucket);
      for (long from = layout.from(bucket); from < end; from += Workspace.PIECE) {
        length += norms.length(measurements.get(of), from, Math.min(end, from + Workspace.PIECE));
      }
    }
    return length;
  }

  /** Adds what all have told of this phase, bucket by bucket, in the pieces it was measured in. */
  private void join(Workspace workspace) {
    for (int bucket = 0; bucket < buckets.length && !measurements.isEmpty(); bucket++) {
      Measurement what = measurements.get(phase);
      double[] parts = told[phase][bucket].parts();
      int at = 0;
      long end = layout.from(bucket) + layout.length(bucket);
      for (long from = layout.from(bucket); from < end; from += Workspace.PIECE) {
        long to = Math.min(end, from + Workspace.PIECE);
        int length = norms.length(what, from, to);
        double[] part = workspace.parts(length);
        System.arraycopy(parts, at, part, 0, length);
        norms.add(what, from, to, part);
        at += length;
      }
    }
  }
}
