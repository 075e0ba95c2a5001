package dev.kindling.spark.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.data.DataException;
import dev.kindling.io.Safetensors;
import dev.kindling.io.StoredTensor;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.RowsFile;
import dev.kindling.spec.Spec;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.FlatParameters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * A network in a folder of any file system that Hadoop knows: {@code model.json}, {@code
 * model.safetensors}, {@code features.json}.
 *
 * @param model the description
 * @param values the flat vector of its parameters
 * @param rows how it reads rows
 */
public record SavedNetwork(Module model, float[] values, DataFrameRows rows) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODEL = "model.json";
  private static final String PARAMETERS = "model.safetensors";
  private static final String FEATURES = "features.json";

  /** Writes the three files. */
  public void write(String folder, Configuration hadoop) {
    try {
      HadoopCheckpointStore store = new HadoopCheckpointStore(folder, hadoop);
      store.write(MODEL, out -> out.write(JSON.writeValueAsBytes(model.toSpec().written())));
      store.write(FEATURES, out -> out.write(bytes(RowsFile.write(rows))));
      store.write(PARAMETERS, out -> Safetensors.write(out, tensors(), Map.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: the model cannot be written: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, StoredTensor> tensors() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Slot slot : FlatParameters.layoutOf(model).slots()) {
      if (slot.kind() != FlatLayout.Kind.METRIC) {
        int offset = Math.toIntExact(slot.offset());
        tensors.put(slot.name(), StoredTensor.of(values, offset, slot.length(), slot.shape()));
      }
    }
    return tensors;
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws DataException naming the file that holds something else
   */
  public static SavedNetwork read(String folder, Configuration hadoop) {
    try {
      HadoopCheckpointStore store = new HadoopCheckpointStore(folder, hadoop);
      Object written = JSON.readValue(text(store, MODEL), Object.class);
      Module model = Modules.of(Spec.read(folder + "/" + MODEL, written));
      DataFrameRows rows = RowsFile.read(folder + "/" + FEATURES, text(store, FEATURES));
      return new SavedNetwork(model, values(store, model), rows);
    } catch (JsonProcessingException e) {
      throw new DataException(folder + "/" + MODEL + ": this is no saved network", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: the model cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static String text(HadoopCheckpointStore store, String name) throws IOException {
    try (InputStream in = store.open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static float[] values(HadoopCheckpointStore store, Module model) throws IOException {
    FlatLayout layout = FlatParameters.layoutOf(model);
    float[] values = new float[Math.toIntExact(layout.length())];
    try (InputStream in = store.open(PARAMETERS)) {
      Map<String, StoredTensor> tensors =
          Safetensors.read(in, store.size(PARAMETERS), store + "/" + PARAMETERS).tensors();
      for (Slot slot : layout.slots()) {
        if (slot.kind() != FlatLayout.Kind.METRIC) {
          read(tensors.get(slot.name()), slot, values, store + "/" + PARAMETERS);
        }
      }
    }
    return values;
  }

  private static void read(StoredTensor tensor, Slot slot, float[] values, String file) {
    if (tensor == null || !tensor.shape().equals(slot.shape())) {
      throw new DataException(
          "%s: '%s' is %s; the network needs %s"
              .formatted(
                  file, slot.name(), tensor == null ? "missing" : tensor.shape(), slot.shape()));
    }
    tensor.floats().get(values, Math.toIntExact(slot.offset()), slot.length());
  }
}
