package dev.kindling.ps.shard;

import dev.kindling.ps.sync.GradientSum.Lender;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.WireException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** How pushes become versions under one policy. Thread-safe. */
interface Steps {
  /** Takes the sums over the replicas [lo, hi) of one bucket; see {@link ShardGroup#push}. */
  PushOutcome push(
      Workspace workspace,
      int incarnation,
      long step,
      int bucket,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      Lender lender);

  /**
   * Runs the change to a new start of the workers where no step is half applied.
   *
   * @param change returns whether there was one: the first worker of a start brings it
   * @return the same
   */
  boolean begin(BooleanSupplier change);

  /** Does something that waits for an idle worker; returns whether there was anything. */
  default boolean help(Workspace workspace) {
    return false;
  }

  /** A client of a round will bring nothing. */
  default void drop(Workspace workspace, int incarnation, long round, int client) {
    throw new IllegalStateException(
        "client %d of round %d dropped out, but this run has no rounds".formatted(client, round));
  }

  /** Other processes hold some of the buckets, and take what is measured of those here. */
  default void exchange(Consumer<Norms> others) {}

  /** Another process has measured something. */
  default void receive(Workspace workspace, Norms news) {
    throw new WireException("%s: this run measures nothing".formatted(news));
  }

  /** Looks at the clock, if the policy has one. */
  default void tick(Workspace workspace) {}
}
