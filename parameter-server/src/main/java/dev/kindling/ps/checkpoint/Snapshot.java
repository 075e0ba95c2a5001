package dev.kindling.ps.checkpoint;

import dev.kindling.io.StoredTensor;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shards at one version.
 *
 * @param version steps applied
 * @param values the flat vector
 * @param state the optimizer's vectors, in the order of its state names
 */
public record Snapshot(long version, float[] values, float[][] state) {
  private static final String STATE_PREFIX = "optimizer.";

  /** Room for a run's vectors. */
  static Snapshot allocate(RunSpec run, long version) {
    int length = Math.toIntExact(run.buckets().length());
    return new Snapshot(version, new float[length], new float[run.stateVectors()][length]);
  }

  /** Copies everything to where shards work on it. */
  public ShardStorage storage(RunSpec run) {
    ShardStorage storage = new ShardStorage(run);
    System.arraycopy(values, 0, storage.values(version), 0, values.length);
    for (int i = 0; i < state.length; i++) {
      System.arraycopy(state[i], 0, storage.state()[i], 0, state[i].length);
    }
    return storage;
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

  /** Reads what {@link #tensors} wrote. */
  static Snapshot of(RunSpec run, long version, Map<String, StoredTensor> tensors, String file)
      throws CheckpointException {
    Snapshot snapshot = allocate(run, version);
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
