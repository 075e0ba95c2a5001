package dev.kindling.spark.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code checkpoint}: what is kept of a run that may be interrupted.
 *
 * @param everyEpochs a checkpoint each so many epochs, and at the end; 1 by default
 * @param keep so many stay, 2 by default
 * @param path a folder of any file system that Hadoop knows, where each run has a folder named by
 *     its id; {@code checkpoints} in the run directory where it is not set
 */
public record CheckpointConfig(int everyEpochs, int keep, Optional<String> path) {

  static CheckpointConfig of(Section section) {
    CheckpointConfig config =
        new CheckpointConfig(
            section.atLeast(1, "every_epochs", 1),
            section.atLeast(1, "keep", 2),
            section.text("path"));
    section.end();
    return config;
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("every_epochs", everyEpochs);
    map.put("keep", keep);
    path.ifPresent(folder -> map.put("path", folder));
    return map;
  }
}
