package dev.kindling.ps.checkpoint;

import dev.kindling.io.SafetensorsFile;
import dev.kindling.io.StoredTensor;
import dev.kindling.ps.RunSpec;
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
 * The shards at one version.
 *
 * @param version steps applied
 * @param values the flat vector
 * @param state the optimizer's vectors, in the order of its state names
 * @param plateau what the schedule has seen; empty where it watches no metric
 * @param tables the row-sparse tables, whom those who start from here change; empty for tables that
 *     nobody has touched
 */
public record Snapshot(
    long version, float[] values, float[][] state, double[] plateau, List<RowTable> tables) {
  private static final String PLATEAU = "plateau";
  private static final String STATE_PREFIX = "optimizer.";

  /** Where no metric has been seen. */
  public Snapshot(long version, float[] values, float[][] state) {
    this(version, values, state, new double[0], List.of());
  }

  /** The same with tables. */
  Snapshot with(List<RowTable> all) {
    return new Snapshot(version, values, state, plateau, all);
  }

  /** The same with what the schedule has seen. */
  Snapshot seeing(double[] metric) {
    return new Snapshot(version, values, state, metric, tables);
  }

  /** Room for a run's vectors. */
  static Snapshot allocate(RunSpec run, long version) {
    int length = Math.toIntExact(run.buckets().length());
    return new Snapshot(version, new float[length], new float[run.stateVectors()][length]);
  }

  /** Copies the vectors to where shards work on them; the tables are handed over. */
  public ShardStorage storage(RunSpec run) {
    ShardStorage storage = tables.isEmpty() ? new ShardStorage(run) : new ShardStorage(run, tables);
    System.arraycopy(values, 0, storage.values(version), 0, values.length);
    for (int i = 0; i < state.length; i++) {
      System.arraycopy(state[i], 0, storage.state()[i], 0, state[i].length);
    }
    storage.plateau().restore(plateau);
    return storage;
  }

  /** What a file says of a snapshot beside its tensors. */
  Map<String, String> metadata(RunSpec run) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("run", run.id());
    metadata.put("step", Long.toString(version));
    if (plateau.length > 0) {
      String words =
          Arrays.stream(plateau).mapToObj(Double::toString).collect(Collectors.joining(" "));
      metadata.put(PLATEAU, words);
    }
    return metadata;
  }

  /** The tensors by PyTorch's names; state as {@code optimizer.exp_avg.1.weight}. Shared. */
  Map<String, StoredTensor> tensors(RunSpec run) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    FlatLayout layout = run.update().layout();
    layout.slots().forEach(slot -> tensors.put(slot.name(), tensor(values, slot)));
    List<String> names = run.update().optimizer().stateNames();
    for (int i = 0; i < names.size(); i++) {
      for (Slot slot : layout.parameterSlots()) {
        tensors.put(stateName(names.get(i), slot), tensor(state[i], slot));
      }
    }
    return tensors;
  }

  private static String stateName(String vector, Slot slot) {
    return STATE_PREFIX + vector + "." + slot.name();
  }

  private static StoredTensor tensor(float[] vector, Slot slot) {
    return StoredTensor.of(vector, Math.toIntExact(slot.offset()), slot.length(), slot.shape());
  }

  /** Reads what {@link #tensors} and {@link #metadata} wrote. */
  static Snapshot of(RunSpec run, long version, SafetensorsFile content, String file)
      throws CheckpointException {
    Map<String, StoredTensor> tensors = content.tensors();
    Snapshot snapshot = allocate(run, version).seeing(plateau(content, file));
    FlatLayout layout = run.update().layout();
    for (Slot slot : layout.slots()) {
      copy(tensors, slot.name(), slot, snapshot.values, file);
    }
    List<String> names = run.update().optimizer().stateNames();
    for (int i = 0; i < names.size(); i++) {
      for (Slot slot : layout.parameterSlots()) {
        copy(tensors, stateName(names.get(i), slot), slot, snapshot.state[i], file);
      }
    }
    return snapshot;
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
      Map<String, StoredTensor> tensors, String name, Slot slot, float[] into, String file)
      throws CheckpointException {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(slot.shape())) {
      throw new CheckpointException(
          "%s: tensor '%s' should have the shape %s and %s; is it a checkpoint of another model or optimizer?"
              .formatted(
                  file,
                  name,
                  slot.shape(),
                  tensor == null ? "is missing" : "has " + tensor.shape()));
    }
    tensor.floats().get(into, Math.toIntExact(slot.offset()), slot.length());
  }
}
