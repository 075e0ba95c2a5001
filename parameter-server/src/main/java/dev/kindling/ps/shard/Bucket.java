package dev.kindling.ps.shard;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.kernel.Kernels;
import dev.kindling.optim.Update;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.ClientSum;
import dev.kindling.ps.sync.FederatedRound;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.sync.GradientSum;
import dev.kindling.ps.sync.TreeSum;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientNorms.Measurement;
import dev.kindling.train.NoiseScale;
import java.util.Arrays;

/**
 * One bucket: its version, the gradients of its open step, and the step from one version to the
 * next. Every method holds the bucket's lock.
 */
final class Bucket {
  private static final Kernels KERNELS = Kernels.best();

  private final ShardStorage storage;
  private final FlatUpdate rule;
  private final GradientSum[] sums;
  private final int number;
  private final int from;
  private final int length;
  private final FloatFormat wire;
  private final int rounded;
  private final long base;
  private final Counted counted;
  private final NoiseScale noise;
  private int incarnation;
  private long version;

  /** A copy of the newest sum; null where nobody wants it. */
  private float[] keptSum;

  private double keptWeight;

  Bucket(int number, RunSpec run, ShardStorage storage, long version) {
    this.storage = storage;
    this.number = number;
    this.rule = run.update();
    this.from = storage.offset(number);
    this.length = storage.buckets().length(number);
    this.wire = run.wire();
    this.rounded = run.rounding().within(storage.buckets().from(number), length);
    this.sums = new GradientSum[run.staleness() + 1];
    Arrays.setAll(sums, step -> sum(run));
    this.base = storage.buckets().from(number) - from;
    this.version = version;
    storage.publish(version, number);
    this.noise = new NoiseScale(rule.layout().parameters());
    this.counted = run.isAsynchronous() ? new Counted(run.tree().replicas(), version) : null;
  }

  private GradientSum sum(RunSpec run) {
    return run.policy() instanceof FederatedRounds
        ? new ClientSum(length)
        : new TreeSum(run.tree(), length, run.wire(), rounded);
  }

  /** The sum of a step that is open, or may be opened by those who run ahead. */
  private GradientSum sum(long step) {
    return sums[(int) (step % sums.length)];
  }

  private GradientSum sum() {
    return sum(version);
  }

  synchronized long version() {
    return version;
  }

  /** Has another version now, whose values and state are in place. */
  synchronized void restore(long other) {
    version = other;
  }

  /** Keeps a copy of each sum that is applied from now on. */
  synchronized void keepSums() {
    keptSum = keptSum == null ? new float[length] : keptSum;
  }

  /** The sum that made the newest version. */
  synchronized float[] keptSum() {
    return keptSum;
  }

  /** Its weight. */
  synchronized double keptWeight() {
    return keptWeight;
  }

  /** Gradients in the newest values, where they are applied as they come. */
  synchronized long gradients() {
    return counted.gradients();
  }

  /** Gradients that have come, one for each replica and step, and are not applied. */
  synchronized int waiting() {
    int waiting = 0;
    for (GradientSum sum : sums) {
      waiting += sum.waiting();
    }
    return waiting;
  }

  /** Whether the version after this one waits for some of the replicas [lo, hi). */
  synchronized boolean awaits(long of, int lo, int hi) {
    if (of != version) {
      return false;
    }
    return counted != null
        ? counted.isAwaited(lo, hi, of)
        : sum() instanceof TreeSum tree && !tree.covers(lo, hi);
  }

  synchronized int incarnation() {
    return incarnation;
  }

  /** Refuses everything from earlier starts of the workers from now on; returns the version. */
  synchronized long begin(int newIncarnation) {
    if (newIncarnation > incarnation) {
      incarnation = newIncarnation;
      for (GradientSum sum : sums) {
        sum.clear();
      }
    }
    return version;
  }

  synchronized PushOutcome push(
      int sender,
      long step,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      GradientSum.Lender lender) {
    if (sender != incarnation) {
      return sender < incarnation ? PushOutcome.STALE_INCARNATION : PushOutcome.REFUSED;
    }
    if (step < version || step >= version + sums.length) {
      return step < version ? PushOutcome.APPLIED_BEFORE : PushOutcome.REFUSED;
    }
    return switch (sum(step).add(lo, hi, array, offset, weight, lender)) {
      case STORED -> sum().isComplete() ? PushOutcome.COMPLETED : PushOutcome.STORED;
      case DUPLICATE -> PushOutcome.DUPLICATE;
      case CONFLICT -> PushOutcome.REFUSED;
    };
  }

  /**
   * Applies the gradient of the replicas [lo, hi) to the newest values, unless it was before. The
   * array may be used again when the call returns.
   */
  synchronized PushOutcome applyAtOnce(
      Workspace workspace,
      int sender,
      long step,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight) {
    if (sender != incarnation) {
      return sender < incarnation ? PushOutcome.STALE_INCARNATION : PushOutcome.REFUSED;
    }
    if (!counted.isNext(lo, hi, step)) {
      return counted.isBehind(lo, hi, step) ? PushOutcome.APPLIED_BEFORE : PushOutcome.REFUSED;
    }
    workspace.gradientsBefore = counted.gradients();
    if (weight > 0) {
      apply(workspace.update, array, offset, weight);
    }
    counted.count(lo, hi);
    version = counted.version();
    return PushOutcome.APPLIED;
  }

  private void apply(Update update, float[] gradient, int offset, double weight) {
    float[] newest = storage.values(version);
    update.current = newest;
    update.next = storage.spare();
    update.state = storage.state();
    update.gradientScale = Update.scale(weight);
    update.observedFactor = storage.plateau().factor();
    update.step = counted.step(rule.stepsPerEpoch());
    for (int at = 0; at < length; at += Workspace.PIECE) {
      int piece = Math.min(Workspace.PIECE, length - at);
      update.gradient = gradient;
      update.gradientFrom = offset + at;
      update.from = from + at;
      update.to = from + at + piece;
      rule.apply(update, base);
      System.arraycopy(update.next, from + at, newest, from + at, piece);
    }
  }

  /** Copies the newest values, rounded as workers read them. */
  synchronized void copy(float[] into, int at) {
    System.arraycopy(storage.values(version), from, into, at, length);
    wire.round(into, at, rounded);
  }

  /**
   * Copies values and state of a version for a checkpoint.
   *
   * @return false, with nothing copied, if gradients of later steps are in them already
   */
  synchronized boolean copy(long of, float[] values, float[][] state) {
    if (counted != null && !counted.isExactly(of)) {
      return false;
    }
    System.arraycopy(storage.values(of), from, values, from, length);
    for (int i = 0; i < state.length; i++) {
      System.arraycopy(storage.state()[i], from, state[i], from, length);
    }
    return true;
  }

  /** A client of the open round counts, or does not; see {@link ClientSum#decide}. */
  synchronized void decide(int client, boolean counts, FederatedRound round) {
    ((ClientSum) sum()).decide(client, counts, round);
  }

  /** The open round has all its clients. */
  synchronized void completeRound() {
    ((ClientSum) sum()).complete();
  }

  /** Whether a gradient of this bucket holds neither NaN nor infinity. */
  boolean isFinite(float[] array, int offset) {
    return KERNELS.isFinite(array, offset, length);
  }

  synchronized boolean isComplete() {
    return sum().isComplete();
  }

  /** Whether the sum of the open step, which is complete, holds neither NaN nor infinity. */
  synchronized boolean isFinite(Workspace workspace) {
    prepare(workspace);
    boolean finite = true;
    for (int at = 0; at < length && finite; at += Workspace.PIECE) {
      finite = piece(workspace, at);
    }
    return finite;
  }

  /**
   * Measures what a rule of the whole gradient has to know of this bucket, whose sum is complete.
   *
   * @param norms what was measured before
   */
  synchronized void measure(
      Measurement what, Workspace workspace, GradientNorms norms, NormParts into) {
    Update update = prepare(workspace);
    for (int at = 0; at < length; at += Workspace.PIECE) {
      piece(workspace, at);
      double[] parts = workspace.parts(norms.length(what, update.from + base, update.to + base));
      rule.measure(what, update, base, norms, parts);
      into.add(what, update.from + base, update.to + base, parts);
    }
  }

  /**
   * Makes the next version if the open step is complete.
   *
   * @param norms what was measured; null for an elementwise rule
   * @return what became of it
   */
  synchronized Applied apply(Workspace workspace, GradientNorms norms) {
    if (!sum().isComplete()) {
      return Applied.NOT;
    }
    Update update = prepare(workspace);
    boolean isMeasured = measuresNoise();
    for (int at = 0; at < length; at += Workspace.PIECE) {
      if (!piece(workspace, at)) {
        return Applied.NOT_FINITE;
      }
      if (isMeasured) {
        long first = update.from + base;
        noise.addNode(update.gradient, update.gradientFrom - first, first, update.to + base);
      }
      keep(update, at);
      if (norms == null) {
        rule.apply(update, base);
      } else {
        rule.apply(update, base, norms);
      }
    }
    if (isMeasured) {
      noise.endNode(sum().weight());
      noise.endStep();
    }
    close();
    return Applied.YES;
  }

  /** Whether this step is one to measure, and came in parts; if so, these were shown. */
  private boolean measuresNoise() {
    return NoiseScale.measures(version)
        && sum() instanceof TreeSum tree
        && tree.measure(noise, from + base, length);
  }

  /** This bucket's part of the gradient noise. */
  synchronized NoiseScale.Estimate noise() {
    return noise.estimate();
  }

  private void keep(Update update, int at) {
    if (keptSum != null) {
      int piece = update.to - update.from;
      System.arraycopy(update.gradient, update.gradientFrom, keptSum, at, piece);
      keptWeight = sum().weight();
    }
  }

  /** The next version is the current one. */
  synchronized void skip() {
    System.arraycopy(storage.values(version), from, storage.values(version + 1), from, length);
    close();
  }

  /** The next version is one that was kept; the epoch's metrics stay as they are. */
  synchronized void rollBack(KeptVersion kept) {
    int metrics = (int) Math.max(0, Math.min(length, rule.layout().metricsOffset() - base - from));
    float[] next = storage.values(version + 1);
    System.arraycopy(
        storage.values(version), from + metrics, next, from + metrics, length - metrics);
    kept.restore(storage, next, from, length, metrics);
    close();
  }

  private void close() {
    storage.publish(version + 1, number);
    sum().clear();
    version++;
  }

  private Update prepare(Workspace workspace) {
    Update update = workspace.update;
    update.current = storage.values(version);
    update.next = storage.values(version + 1);
    update.state = storage.state();
    update.gradientScale = Update.scale(sum().weight());
    update.observedFactor = storage.plateau().factor();
    update.step = version;
    return update;
  }

  /** Sets the update to one piece of the sum; returns whether that is finite. */
  private boolean piece(Workspace workspace, int at) {
    Update update = workspace.update;
    int piece = Math.min(Workspace.PIECE, length - at);
    // Into the next values, which are made of it: no array but those of the rule is touched.
    sum().add(at, piece, workspace.scratch, update.next, from + at);
    update.gradient = sum().sum();
    update.gradientFrom = sum().sumAt();
    update.from = from + at;
    update.to = from + at + piece;
    return KERNELS.isFinite(update.gradient, update.gradientFrom, piece);
  }

  /** What became of a bucket. */
  enum Applied {
    /** Its step was not complete. */
    NOT,
    /** It has its next version. */
    YES,
    /** Its sum holds NaN or infinity. */
    NOT_FINITE
  }
}
