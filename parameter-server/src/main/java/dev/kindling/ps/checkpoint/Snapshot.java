package dev.kindling.ps.checkpoint;

import dev.kindling.io.StoredTensor;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.table.RowTable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The shards of one process at one version.
 *
 * @param version steps applied
 * @param share the buckets that it holds
 * @param values of these buckets, one after the other: the flat vector where they are all
 * @param state the optimizer's vectors of the same, in the order of its state names
 * @param plateau what the schedule has seen; empty where it watches no metric
 * @param tables the row-sparse tables, whom those who start from here change; empty for tables that
 *     nobody has touched
 */
public record Snapshot(
    long version,
    ShardShare share,
    float[] values,
    float[][] state,
    double[] plateau,
    List<RowTable> tables) {
  static final String PLATEAU = "plateau";
  static final String SHARE = "share";
  private static final String STATE_PREFIX = "optimizer.";

  /** All of a run, where no metric has been seen. */
  public Snapshot(long version, float[] values, float[][] state) {
    this(version, ShardShare.ALL, values, state, new double[0], List.of());
  }

  /** The same with tables. */
  Snapshot with(List<RowTable> all) {
    return new Snapshot(version, share, values, state, plateau, all);
  }

  /** The same with what the schedule has seen. */
  Snapshot seeing(double[] metric) {
    return new Snapshot(version, share, values, state, metric, tables);
  }

  /** Room for the vectors of a run's share: zeros. */
  public static Snapshot allocate(RunSpec run, ShardShare share, long version) {
    int length = Math.toIntExact(share.elements(run.buckets()));
    return new Snapshot(
        version,
        share,
        new float[length],
        new float[run.stateVectors()][length],
        new double[0],
        List.of());
  }

  /** Hands the vectors and the tables over to where shards work on them. */
  public ShardStorage storage(RunSpec run) {
    List<RowTable> all =
        tables.isEmpty()
            ? run.tables().stream().map(spec -> new RowTable(spec, 0)).toList()
            : tables;
    ShardStorage storage = new ShardStorage(run, share, all, version, values, state);
    storage.plateau().restore(plateau);
    return storage;
  }

  /** What a file says of a snapshot beside its tensors. */
  Map<String, String> metadata(RunSpec run) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("run", run.id());
    metadata.put("step", Long.toString(version));
    if (!share.isAll()) {
      metadata.put(SHARE, name(share));
    }
    if (plateau.length > 0) {
      String words =
          Arrays.stream(plateau).mapToObj(Double::toString).collect(Collectors.joining(" "));
      metadata.put(PLATEAU, words);
    }
    return metadata;
  }

  /**
   * The tensors by PyTorch's names, and state as {@code optimizer.exp_avg.1.weight}; where the
   * share is not everything, their pieces in its buckets. Shared.
   */
  Map<String, StoredTensor> tensors(RunSpec run) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    forEach(
        run,
        share,
        (vector, name, piece) ->
            tensors.put(name, StoredTensor.of(vector, piece.at(), piece.length(), piece.shape())));
    return tensors;
  }

  /** Takes a piece of a tensor, or all of it. */
  interface Visitor {
    void visit(float[] vector, String name, Piece piece);
  }

  /**
   * What a process with any share writes of the tensors, beside the vectors that they belong to.
   */
  void forEach(RunSpec run, ShardShare writer, Visitor visitor) {
    FlatLayout layout = run.update().layout();
    forEach(run, writer, values, "", layout.slots(), visitor);
    List<String> names = run.update().optimizer().stateNames();
    for (int i = 0; i < names.size(); i++) {
      String prefix = STATE_PREFIX + names.get(i) + ".";
      forEach(run, writer, state[i], prefix, layout.parameterSlots(), visitor);
    }
  }

  private static void forEach(
      RunSpec run,
      ShardShare writer,
      float[] vector,
      String prefix,
      List<Slot> slots,
      Visitor visitor) {
    for (Slot slot : slots) {
      Piece.of(slot, run.buckets(), writer)
          .forEach(piece -> visitor.visit(vector, prefix + piece.name(), piece));
    }
  }

  /** A share in a file's words; empty for everything. */
  static String name(ShardShare share) {
    return share.isAll() ? "" : "%d of %d".formatted(share.index() + 1, share.count());
  }
}
