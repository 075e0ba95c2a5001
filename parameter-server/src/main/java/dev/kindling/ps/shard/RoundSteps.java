package dev.kindling.ps.shard;

import dev.kindling.ps.sync.FederatedRound;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.sync.GradientSum.Lender;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Federated rounds: a client counts once all of its buckets are here, so that every bucket is the
 * sum over the same clients. The round is applied by the thread that brings the last answer, or
 * that sees the deadline pass. One lock for all of it: clients are rare beside steps.
 */
final class RoundSteps implements Steps {
  private final FederatedRounds policy;
  private final Bucket[] buckets;
  private final Versions versions;
  private final WholeSteps whole;
  private final List<ShardListener> listeners;
  private final Map<Integer, Integer> arrived = new HashMap<>();
  private final long totalRounds;
  private FederatedRound round;

  RoundSteps(
      FederatedRounds policy,
      long totalRounds,
      Bucket[] buckets,
      Versions versions,
      WholeSteps whole,
      List<ShardListener> listeners) {
    this.policy = policy;
    this.totalRounds = totalRounds;
    this.buckets = buckets;
    this.versions = versions;
    this.whole = whole;
    this.listeners = listeners;
  }

  @Override
  public synchronized boolean begin(BooleanSupplier change) {
    boolean isNew = change.getAsBoolean();
    if (isNew) {
      open(now());
    }
    return isNew;
  }

  private void open(long nanos) {
    arrived.clear();
    round = number() < totalRounds ? policy.open(number(), nanos) : null;
  }

  private long now() {
    return policy.nanoTime().getAsLong();
  }

  private long number() {
    return buckets[0].version();
  }

  @Override
  public synchronized PushOutcome push(
      Workspace workspace,
      int incarnation,
      long step,
      int bucket,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      Lender lender) {
    if (step == number() && incarnation == buckets[0].incarnation()) {
      closeIfOver(workspace);
      if (round != null && step == number() && !round.isAwaited(lo)) {
        return PushOutcome.NOT_COUNTED;
      }
    }
    PushOutcome outcome =
        buckets[bucket].push(incarnation, step, lo, hi, array, offset, weight, lender);
    if (outcome == PushOutcome.STORED) {
      if (buckets[bucket].isFinite(array, offset) && weight > 0 && Double.isFinite(weight)) {
        arrived(lo);
      } else {
        decide(lo, false); // gives the array back
      }
      closeIfOver(workspace);
    }
    return outcome;
  }

  private void arrived(int client) {
    if (arrived.merge(client, 1, Integer::sum) == buckets.length) {
      decide(client, true);
    }
  }

  private void decide(int client, boolean counts) {
    if (counts) {
      round.answered(client);
    } else {
      round.dropped(client);
    }
    for (Bucket bucket : buckets) {
      bucket.decide(client, counts, round);
    }
  }

  @Override
  public synchronized void drop(Workspace workspace, int incarnation, long step, int client) {
    if (round != null
        && step == number()
        && incarnation == buckets[0].incarnation()
        && round.isAwaited(client)) {
      decide(client, false);
      closeIfOver(workspace);
    }
  }

  @Override
  public synchronized void tick(Workspace workspace) {
    closeIfOver(workspace);
  }

  private void closeIfOver(Workspace workspace) {
    if (round != null && round.isOver(now())) {
      close(workspace);
    }
  }

  private void close(Workspace workspace) {
    long end = now(); // once the values are out, those who see them are in the next round
    round.close();
    int[] answered = round.answered();
    long number = number();
    for (ShardListener listener : listeners) {
      listener.roundClosed(number, answered);
    }
    if (answered.length < policy.fewest()) {
      versions.skip();
    } else {
      for (Bucket bucket : buckets) {
        bucket.completeRound();
      }
      whole.commit(workspace);
    }
    if (number() > number) { // not if the sum was not finite
      open(end);
    } else {
      round = null;
    }
  }
}
