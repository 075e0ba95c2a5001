package dev.kindling.ps.checkpoint;

import dev.kindling.io.SafetensorsFile;
import dev.kindling.io.StoredTensor;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.train.Buckets;
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
  private static final String PLATEAU = "plateau";
  private static final String SHARE = "share";
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

  /**
   * Copies the buckets that both hold from what another process has written of the same version.
   */
  void take(Snapshot part, Buckets buckets) {
    part.share.stream(buckets.count())
        .filter(share::owns)
        .forEach(
            bucket -> {
              int from = part.share.offset(buckets, bucket);
              int at = share.offset(buckets, bucket);
              int length = buckets.length(bucket);
              System.arraycopy(part.values, from, values, at, length);
              for (int i = 0; i < state.length; i++) {
                System.arraycopy(part.state[i], from, state[i], at, length);
              }
            });
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
        (vector, name, piece) ->
            tensors.put(name, StoredTensor.of(vector, piece.at(), piece.length(), piece.shape())));
    return tensors;
  }

  /** Takes a piece of a tensor, or all of it. */
  private interface Visitor<E extends Exception> {
    void visit(float[] vector, String name, Piece piece) throws E;
  }

  private <E extends Exception> void forEach(RunSpec run, Visitor<E> visitor) throws E {
    FlatLayout layout = run.update().layout();
    forEach(run, values, "", layout.slots(), visitor);
    List<String> names = run.update().optimizer().stateNames();
    for (int i = 0; i < names.size(); i++) {
      String prefix = STATE_PREFIX + names.get(i) + ".";
      forEach(run, state[i], prefix, layout.parameterSlots(), visitor);
    }
  }

  private <E extends Exception> void forEach(
      RunSpec run, float[] vector, String prefix, List<Slot> slots, Visitor<E> visitor) throws E {
    for (Slot slot : slots) {
      for (Piece piece : Piece.of(slot, run.buckets(), share).toList()) {
        visitor.visit(vector, prefix + piece.name(), piece);
      }
    }
  }

  /** Reads what {@link #tensors} and {@link #metadata} wrote. */
  static Snapshot of(
      RunSpec run, ShardShare share, long version, SafetensorsFile content, String file)
      throws CheckpointException {
    checkShare(content.metadata().getOrDefault(SHARE, ""), share, file);
    Snapshot snapshot = allocate(run, share, version).seeing(plateau(content, file));
    snapshot.forEach(
        run, (vector, name, piece) -> copy(content.tensors(), name, piece, vector, file));
    return snapshot;
  }

  private static void checkShare(String written, ShardShare share, String file)
      throws CheckpointException {
    if (!written.equals(name(share))) {
      throw new CheckpointException(
          "%s holds %s of a run; %s is wanted: start as many processes as wrote it, in their order, or begin anew"
              .formatted(
                  file,
                  written.isEmpty() ? "all" : "share " + written,
                  share.isAll() ? "all" : "share " + name(share)));
    }
  }

  private static String name(ShardShare share) {
    return share.isAll() ? "" : "%d of %d".formatted(share.index() + 1, share.count());
  }

  private static double[] plateau(SafetensorsFile content, String file) throws CheckpointException {
    String words = content.metadata().get(PLATEAU);
    try {
      return words == null
          ? new double[0]
          : Arrays.stream(words.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new CheckpointException(
          "%s: '%s' is not what a schedule has seen; four numbers belong there"
              .formatted(file, words));
    }
  }

  private static void copy(
      Map<String, StoredTensor> tensors, String name, Piece piece, float[] into, String file)
      throws CheckpointException {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(piece.shape())) {
      throw new CheckpointException(
          "%s: tensor '%s' should have the shape %s and %s; is it a checkpoint of another model or optimizer?"
              .formatted(
                  file,
                  name,
                  piece.shape(),
                  tensor == null ? "is missing" : "has " + tensor.shape()));
    }
    tensor.floats().get(into, piece.at(), piece.length());
  }
}
