package dev.kindling.ps;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.Rounding;
import dev.kindling.train.table.TableSpec;
import java.util.List;

/**
 * What a parameter server has to know of a run. Immutable.
 *
 * @param id tells this run from every other
 * @param tree along which the replicas are added
 * @param update what a completed sum does to the vector
 * @param totalSteps the run ends at this version
 * @param nonFinite what happens to a step with NaN or infinity
 * @param policy when a version follows the one before
 * @param wire what gradients and published values are rounded to; the shards keep float32
 * @param tables row-sparse tables beside the vector; none by default
 */
public record RunSpec(
    String id,
    ReplicaTree tree,
    FlatUpdate update,
    long totalSteps,
    NonFinite nonFinite,
    Policy policy,
    FloatFormat wire,
    List<TableSpec> tables) {
  /** Refuses what nobody rounds. */
  public RunSpec {
    tables = List.copyOf(tables);
    if (policy instanceof FederatedRounds && wire != FloatFormat.FLOAT32) {
      throw new IllegalArgumentException(
          "run %s: federated rounds travel as float32, not as %s".formatted(id, wire));
    }
  }

  /** A run that stops at a gradient that is not finite. */
  public RunSpec(String id, ReplicaTree tree, FlatUpdate update, long totalSteps) {
    this(id, tree, update, totalSteps, NonFinite.ABORT);
  }

  /** A synchronous run. */
  public RunSpec(
      String id, ReplicaTree tree, FlatUpdate update, long totalSteps, NonFinite nonFinite) {
    this(
        id, tree, update, totalSteps, nonFinite, new Synchronous(), FloatFormat.FLOAT32, List.of());
  }

  /** The same run under another policy. */
  public RunSpec with(Policy other) {
    return new RunSpec(id, tree, update, totalSteps, nonFinite, other, wire, tables);
  }

  /** The same run with row-sparse tables, in this order. */
  public RunSpec with(List<TableSpec> other) {
    return new RunSpec(id, tree, update, totalSteps, nonFinite, policy, wire, other);
  }

  /** The same run with gradients and published values rounded; tables stay as they are. */
  public RunSpec over(FloatFormat format) {
    return new RunSpec(id, tree, update, totalSteps, nonFinite, policy, format, tables);
  }

  /** What of the flat vector is rounded. */
  public Rounding rounding() {
    return new Rounding(wire, update.layout().parameters());
  }

  /** Whether no bucket may be applied before all have been looked at. */
  public boolean needsWholeGradient() {
    return policy instanceof FederatedRounds
        || !update.measurements().isEmpty()
        || nonFinite == NonFinite.ROLL_BACK
        || (nonFinite == NonFinite.SKIP && !isAsynchronous());
  }

  /** How many versions the values of a step may be old: 0, unless a policy allows more. */
  public int staleness() {
    return policy instanceof BoundedStaleness stale ? stale.bound() : 0;
  }

  /** Whether gradients are applied as they come. */
  public boolean isAsynchronous() {
    return policy instanceof Asynchronous;
  }

  /**
   * How many numbers follow each other: those of the buckets, then those of the tables, which take
   * part in the steps as buckets do.
   */
  public int parts() {
    return buckets().count() + tables.size();
  }

  /** The pieces of the flat vector that travel as one. */
  public Buckets buckets() {
    return Buckets.of(update.layout().length());
  }

  /** Number of vectors that the optimizer keeps beside the values. */
  public int stateVectors() {
    return update.optimizer().stateNames().size();
  }
}
