package dev.kindling.federated.partition;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;

/**
 * The pathological split of McMahan et al. (2017): rows sorted by label, cut into {@code clients *
 * shards} even shards, of which each client gets some at random. With two, most clients know two
 * classes.
 *
 * @param shards of each client, 2 by default
 */
public record LabelShards(int shards) implements ClientPartition {
  private static final int STREAM = 13 << 24;

  /** Checks the number. */
  public LabelShards {
    if (shards < 1) {
      throw new IllegalArgumentException(
          "LabelShards: shards is " + shards + "; it must be at least 1");
    }
  }

  static LabelShards of(Spec spec) {
    spec.allow("shards");
    return new LabelShards(spec.integer("shards", 2));
  }

  @Override
  public ClientAssignment assign(RowKeys keys, int clients, long seed) {
    int all = Math.multiplyExact(clients, shards);
    int[] order = new int[all];
    new Philox(seed, STREAM, 0).permutation(order);
    ClientAssignment.Builder cuts = new ClientAssignment.Builder(keys.byLabel(), true);
    for (int shard = 0; shard < all; shard++) {
      cuts.add(
          (long) shard * keys.size() / all,
          (shard + 1L) * keys.size() / all,
          order[shard] / shards);
    }
    return cuts.build();
  }

  @Override
  public boolean usesLabels() {
    return true;
  }

  @Override
  public Spec toSpec() {
    return Spec.of("LabelShards", "shards", shards);
  }
}
