package dev.kindling.spark.cli;

import dev.kindling.io.Safetensors;
import dev.kindling.nn.Module;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.train.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The parameters that a run has left. */
final class ModelFile {
  private ModelFile() {}

  /**
   * A network's parameters.
   *
   * @throws ConfigException where the file is missing or holds another network
   */
  static StoredModel read(Module network, Path model) throws IOException {
    if (!Files.exists(model)) {
      throw new ConfigException(
          model + " is missing: the run has not come to its end; go on with: kindling resume");
    }
    try {
      return StoredModel.read(network, Safetensors.read(model), model.toString());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }
}
