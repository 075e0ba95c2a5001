package dev.kindling.ps.shard;

import dev.kindling.optim.Update;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.TreeSum;
import dev.kindling.train.FlatUpdate;

/**
 * One bucket: its version, the gradients of its open step, and the step from one version to the
 * next. Every method holds the bucket's lock.
 */
final class Bucket {
  private final int number;
  private final ShardStorage storage;
  private final FlatUpdate rule;
  private final TreeSum sum;
  private int incarnation;
  private long version;

  Bucket(int number, RunSpec run, ShardStorage storage, long version) {
    this.number = number;
    this.storage = storage;
    this.rule = run.update();
    this.sum = new TreeSum(run.tree());
    this.version = version;
  }

  synchronized long version() {
    return version;
  }

  /** Refuses everything from earlier starts of the workers from now on; returns the version. */
  synchronized long begin(int newIncarnation) {
    if (newIncarnation > incarnation) {
      incarnation = newIncarnation;
      sum.clear();
    }
    return version;
  }

  synchronized PushOutcome push(
      int from,
      long step,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      TreeSum.Lender lender) {
    if (from != incarnation) {
      return from < incarnation ? PushOutcome.STALE_INCARNATION : PushOutcome.REFUSED;
    }
    if (step != version) {
      return step < version ? PushOutcome.APPLIED_BEFORE : PushOutcome.REFUSED;
    }
    return switch (sum.add(lo, hi, array, offset, weight, lender)) {
      case STORED -> sum.isComplete() ? PushOutcome.COMPLETED : PushOutcome.STORED;
      case DUPLICATE -> PushOutcome.DUPLICATE;
      case CONFLICT -> PushOutcome.REFUSED;
    };
  }

  /** Makes the next version if the open step is complete; returns whether it was. */
  synchronized boolean apply(Workspace workspace) {
    if (!sum.isComplete()) {
      return false;
    }
    Update update = workspace.update;
    update.current = storage.values(version);
    update.next = storage.values(version + 1);
    update.state = storage.state();
    update.gradientScale = (float) (1 / sum.weight());
    update.step = version;
    int from = storage.offset(number);
    int length = storage.buckets().length(number);
    long base = storage.buckets().from(number) - from;
    for (int at = 0; at < length; at += Workspace.PIECE) {
      int piece = Math.min(Workspace.PIECE, length - at);
      sum.add(at, piece, workspace.scratch);
      update.gradient = sum.sum();
      update.gradientFrom = sum.sumAt();
      update.from = from + at;
      update.to = from + at + piece;
      rule.apply(update, base);
    }
    sum.clear();
    version++;
    return true;
  }
}
