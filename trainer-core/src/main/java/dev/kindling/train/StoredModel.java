package dev.kindling.train;

import dev.kindling.io.Safetensors;
import dev.kindling.io.SafetensorsFile;
import dev.kindling.io.StoredTensor;
import dev.kindling.nn.Module;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TrainedTable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained model as a safetensors file: every parameter and running statistic under PyTorch's
 * name. A row-sparse table stands there whole, as the matrix that a dense layer has, unless it is
 * larger than {@link #WHOLE} elements; then
 *
 * <pre>
 * 0.weight.keys   I64 [n]          the rows that training has changed, ascending
 * 0.weight.rows   F32 [n, width]
 * seed            metadata         of the run, from which all other rows are drawn
 * </pre>
 *
 * @param model the network's description
 * @param values its flat vector; shared
 * @param tables in the order of the model
 */
public record StoredModel(Module model, float[] values, List<TrainedTable> tables) {
  /** Larger matrices are written as the rows that were changed. */
  public static final int WHOLE = 1 << 24;

  private static final String KEYS = ".keys";
  private static final String ROWS = ".rows";
  private static final String SEED = "seed";

  /** Copies the list. */
  public StoredModel {
    tables = List.copyOf(tables);
  }

  /** Writes the file to a stream, which stays open. */
  public void write(OutputStream out) throws IOException {
    write(out, WHOLE);
  }

  void write(OutputStream out, int whole) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Slot slot : FlatParameters.layoutOf(model).slots()) {
      if (slot.kind() != Kind.METRIC) {
        int offset = Math.toIntExact(slot.offset());
        tensors.put(slot.name(), StoredTensor.of(values, offset, slot.length(), slot.shape()));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (TrainedTable table : tables) {
      if (table.elements() <= whole) {
        tensors.put(
            table.name(), StoredTensor.of(table.whole(), table.count(), table.start().width()));
      } else {
        long[] keys = table.changed().keys();
        tensors.put(table.name() + KEYS, StoredTensor.of(keys));
        tensors.put(
            table.name() + ROWS,
            StoredTensor.of(table.changed().values(), keys.length, table.start().width()));
        metadata.put(SEED, String.valueOf(table.start().seed()));
      }
    }
    Safetensors.write(out, tensors, metadata);
  }

  /**
   * Reads what {@link #write} or PyTorch has written.
   *
   * @param name of the file, for messages
   * @throws IllegalArgumentException naming the parameter that is missing or has other sizes
   * @throws dev.kindling.tensor.HeapException where the parameters cannot fit the heap beside the
   *     layers that read them
   */
  public static StoredModel read(Module model, SafetensorsFile file, String name) {
    FlatLayout layout = FlatParameters.layoutOf(model);
    VectorMemory.of(layout).with("parameters, the layers' own and all in one", 2).require();
    float[] values = layout.vector();
    for (Slot slot : layout.slots()) {
      if (slot.kind() != Kind.METRIC) {
        StoredTensor tensor = require(file, slot.name(), slot.shape(), name);
        tensor.floats().get(values, Math.toIntExact(slot.offset()), slot.length());
      }
    }
    return new StoredModel(model, values, tables(model, file, name));
  }

  private static StoredTensor require(
      SafetensorsFile file, String parameter, List<Integer> shape, String name) {
    StoredTensor tensor = file.tensors().get(parameter);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s; the network needs %s"
              .formatted(name, parameter, tensor == null ? "missing" : tensor.shape(), shape));
    }
    return tensor;
  }

  private static List<TrainedTable> tables(Module model, SafetensorsFile file, String name) {
    String seed = file.metadata().getOrDefault(SEED, "0");
    List<TrainedTable> tables = new ArrayList<>();
    for (TrainedTable table : ModelTables.trained(model, Long.parseLong(seed), List.of())) {
      boolean isWhole = !file.tensors().containsKey(table.name() + KEYS);
      SparseRows rows = isWhole ? whole(table, file, name) : changed(table, file, name);
      tables.add(new TrainedTable(table.name(), table.count(), table.start(), rows));
    }
    return tables;
  }

  private static SparseRows whole(TrainedTable table, SafetensorsFile file, String name) {
    int width = table.start().width();
    StoredTensor matrix = require(file, table.name(), List.of(table.count(), width), name);
    long[] keys = new long[table.count()];
    Arrays.setAll(keys, i -> i);
    return new SparseRows(width, keys, matrix.toFloatArray());
  }

  private static SparseRows changed(TrainedTable table, SafetensorsFile file, String name) {
    StoredTensor keys = file.tensors().get(table.name() + KEYS);
    int width = table.start().width();
    List<Integer> shape = List.of(keys.values().remaining(), width);
    StoredTensor rows = require(file, table.name() + ROWS, shape, name);
    if (!file.metadata().containsKey(SEED)) {
      throw new IllegalArgumentException(
          "%s: the metadata have no seed, from which the rows of '%s' are drawn that are not there"
              .formatted(name, table.name()));
    }
    long[] all = new long[keys.values().remaining()];
    keys.longs().get(all);
    return new SparseRows(width, all, rows.toFloatArray());
  }
}
