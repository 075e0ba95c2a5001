package dev.kindling.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a safetensors file holds.
 *
 * @param tensors by name, in the order of the header
 * @param metadata the texts under {@code __metadata__}; empty where there are none
 */
public record SafetensorsFile(Map<String, StoredTensor> tensors, Map<String, String> metadata) {
  /** Copies the maps, keeping their order. */
  public SafetensorsFile {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
