package dev.kindling.spark.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.data.DataException;
import dev.kindling.io.Safetensors;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.RowsFile;
import dev.kindling.spec.Spec;
import dev.kindling.train.StoredModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;

/**
 * A network in a folder of any file system that Hadoop knows: {@code model.json}, {@code
 * model.safetensors}, {@code features.json}.
 *
 * @param trained the network with its parameters
 * @param rows how it reads rows
 */
public record SavedNetwork(StoredModel trained, DataFrameRows rows) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODEL = "model.json";
  private static final String PARAMETERS = "model.safetensors";
  private static final String FEATURES = "features.json";

  /** Writes the three files. */
  public void write(String folder, Configuration hadoop) {
    try {
      HadoopCheckpointStore store = new HadoopCheckpointStore(folder, hadoop);
      store.write(
          MODEL, out -> out.write(JSON.writeValueAsBytes(trained.model().toSpec().written())));
      store.write(FEATURES, out -> out.write(bytes(RowsFile.write(rows))));
      store.write(PARAMETERS, trained::write);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: the model cannot be written: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
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
      return new SavedNetwork(parameters(store, model), rows);
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

  private static StoredModel parameters(HadoopCheckpointStore store, Module model)
      throws IOException {
    String name = store + "/" + PARAMETERS;
    try (InputStream in = store.open(PARAMETERS)) {
      return StoredModel.read(model, Safetensors.read(in, store.size(PARAMETERS), name), name);
    } catch (IllegalArgumentException e) {
      throw new DataException(e.getMessage(), e);
    }
  }
}
