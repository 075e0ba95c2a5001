package dev.kindling.ps.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** Where the checkpoints of each run are kept. Thread-safe. */
@FunctionalInterface
public interface CheckpointStores {
  /** The store of a run. */
  CheckpointStore of(String run) throws IOException;

  /** In a folder of this machine, where each run has one of its own. */
  static CheckpointStores below(Path folder) {
    return run -> new LocalCheckpointStore(folder.resolve(run));
  }
}
