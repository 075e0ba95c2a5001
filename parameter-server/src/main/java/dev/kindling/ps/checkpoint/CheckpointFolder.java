package dev.kindling.ps.checkpoint;

import dev.kindling.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * A folder of another store, for one of several processes that hold a run's shards.
 *
 * @param store that it is in
 * @param folder its path
 */
public record CheckpointFolder(CheckpointStore store, String folder) implements CheckpointStore {
  private static final String NAME = "share-%d-of-%d";

  /**
   * The store of one process among several.
   *
   * @throws CheckpointException if the run's checkpoints were written by other numbers of processes
   */
  public static CheckpointStore of(CheckpointStore store, int index, int count) throws IOException {
    String own = NAME.formatted(index + 1, count);
    String kept = count == 1 ? "step-.*" : "share-.*-of-" + count;
    for (String name : store.list("")) {
      if (name.matches("step-.*|share-.*") && !name.matches(kept)) {
        throw new CheckpointException(
            "the checkpoints here (%s) were written by another number of processes than %d; start as many as then"
                .formatted(name, count));
      }
    }
    return count == 1 ? store : new CheckpointFolder(store, own);
  }

  private String path(String name) {
    return name.isEmpty() ? folder : folder + "/" + name;
  }

  @Override
  public void write(String path, AtomicFile.Content content) throws IOException {
    store.write(path(path), content);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return store.open(path(path));
  }

  @Override
  public long size(String path) throws IOException {
    return store.size(path(path));
  }

  @Override
  public List<String> list(String name) throws IOException {
    return store.list(path(name));
  }

  @Override
  public void delete(String name) throws IOException {
    store.delete(path(name));
  }
}
