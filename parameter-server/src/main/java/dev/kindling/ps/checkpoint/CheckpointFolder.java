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
record CheckpointFolder(CheckpointStore store, String folder) implements CheckpointStore {
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
