package dev.kindling.spark.cli;

import dev.kindling.io.Safetensors;
import dev.kindling.io.StoredTensor;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The parameters that a run has left. */
final class ModelFile {
  private ModelFile() {}

  /**
   * The flat vector of a network.
   *
   * @throws ConfigException where the file is missing or holds another network
   */
  static float[] read(FlatLayout layout, Path model) throws IOException {
    if (!Files.exists(model)) {
      throw new ConfigException(
          model + " is missing: the run has not come to its end; go on with: kindling resume");
    }
    Map<String, StoredTensor> tensors = Safetensors.read(model).tensors();
    float[] values = layout.vector();
    for (Slot slot : layout.slots()) {
      if (slot.kind() != FlatLayout.Kind.METRIC) {
        StoredTensor tensor = tensors.get(slot.name());
        if (tensor == null || !tensor.shape().equals(slot.shape())) {
          throw new ConfigException(
              "%s: '%s' is %s; the configuration's network needs %s"
                  .formatted(
                      model,
                      slot.name(),
                      tensor == null ? "missing" : tensor.shape(),
                      slot.shape()));
        }
        tensor.floats().get(values, Math.toIntExact(slot.offset()), slot.length());
      }
    }
    return values;
  }
}
