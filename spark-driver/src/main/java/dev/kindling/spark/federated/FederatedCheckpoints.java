package dev.kindling.spark.federated;

import dev.kindling.federated.FederatedSnapshot;
import dev.kindling.io.FloatBytes;
import dev.kindling.io.Safetensors;
import dev.kindling.io.SafetensorsException;
import dev.kindling.io.SafetensorsFile;
import dev.kindling.io.StoredTensor;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a federated run, one safetensors file each: {@code round-000120.safetensors},
 * on any file system that a store is made for. A file is whole or not there; one whose bytes have
 * changed since is passed over.
 */
public final class FederatedCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(FederatedCheckpoints.class);
  private static final String CHECKSUM = "crc32c";
  private static final String ROUND = "round";
  private static final String CLIENTS = "clients";

  private final CheckpointStore store;
  private final int keep;

  /**
   * The checkpoints of a run.
   *
   * @param store of this run alone
   * @param keep so many stay
   */
  public FederatedCheckpoints(CheckpointStore store, int keep) {
    this.store = store;
    this.keep = keep;
  }

  /** Writes one, then removes those that are too many. */
  public void write(FederatedSnapshot kept) throws IOException {
    Map<String, StoredTensor> tensors = tensors(kept);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(ROUND, Integer.toString(kept.round()));
    metadata.put(CLIENTS, Integer.toString(kept.clients()));
    metadata.put(CHECKSUM, checksum(tensors));
    store.write(
        "round-%06d.safetensors".formatted(kept.round()),
        out -> Safetensors.write(out, tensors, metadata));
    List<String> files = newestFirst();
    for (String old : files.subList(Math.min(keep, files.size()), files.size())) {
      store.delete(old);
    }
  }

  private static Map<String, StoredTensor> tensors(FederatedSnapshot kept) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    put(tensors, "values", kept.values());
    for (int i = 0; i < kept.state().length; i++) {
      put(tensors, "state." + i, kept.state()[i]);
    }
    put(tensors, "control", kept.control());
    kept.controls().forEach((client, own) -> put(tensors, "control." + client, own));
    return tensors;
  }

  private static void put(Map<String, StoredTensor> tensors, String name, float[] values) {
    tensors.put(name, StoredTensor.of(values, values.length));
  }

  private static String checksum(Map<String, StoredTensor> tensors) {
    CRC32C crc = new CRC32C();
    for (StoredTensor tensor : tensors.values()) {
      float[] values = tensor.toFloatArray();
      crc.update(FloatBytes.of(values, 0, values.length));
    }
    return "%08x".formatted(crc.getValue());
  }

  private List<String> newestFirst() throws IOException {
    return store.list("").stream()
        .filter(name -> name.matches("round-\\d+\\.safetensors"))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /** The newest sound checkpoint. */
  public Optional<FederatedSnapshot> newest() throws IOException {
    for (String file : newestFirst()) {
      try {
        return Optional.of(read(file));
      } catch (SafetensorsException e) {
        LOG.warn("checkpoint passed over: {}", e.getMessage());
      }
    }
    return Optional.empty();
  }

  private FederatedSnapshot read(String name) throws IOException {
    SafetensorsFile file;
    try (InputStream in = store.open(name)) {
      file = Safetensors.read(in, store.size(name), store + "/" + name);
    }
    Map<String, StoredTensor> tensors = file.tensors();
    if (!checksum(tensors).equals(file.metadata().get(CHECKSUM))) {
      throw new SafetensorsException(name + ": the values do not have their checksum");
    }
    List<float[]> state = new ArrayList<>();
    while (tensors.containsKey("state." + state.size())) {
      state.add(tensors.get("state." + state.size()).toFloatArray());
    }
    SortedMap<Integer, float[]> controls = new TreeMap<>();
    tensors.forEach(
        (key, tensor) -> {
          if (key.startsWith("control.")) {
            controls.put(Integer.valueOf(key.substring(8)), tensor.toFloatArray());
          }
        });
    return new FederatedSnapshot(
        Integer.parseInt(file.metadata().get(ROUND)),
        Integer.parseInt(file.metadata().get(CLIENTS)),
        tensors.get("values").toFloatArray(),
        state.toArray(float[][]::new),
        tensors.get("control").toFloatArray(),
        controls);
  }
}
