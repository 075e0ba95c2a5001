package dev.kindling.spark.job;

import dev.kindling.io.AtomicFile;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store whose checkpoints hold what early stopping has seen too: written before the marker, which
 * comes last, and checked with the rest.
 *
 * @param store where checkpoints go
 * @param best what has been seen
 */
record EvaluatedStore(CheckpointStore store, BestSoFar best) implements CheckpointStore {
  private static final Pattern MARKER = Pattern.compile("step-([0-9]+)/COMMITTED");

  @Override
  public void write(String path, AtomicFile.Content content) throws IOException {
    Matcher marker = MARKER.matcher(path);
    if (!marker.matches()) {
      store.write(path, content);
      return;
    }
    long step = Long.parseLong(marker.group(1));
    best.write(store, step);
    store.write(path, content);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return store.open(path);
  }

  @Override
  public long size(String path) throws IOException {
    return store.size(path);
  }

  @Override
  public List<String> list(String folder) throws IOException {
    return store.list(folder);
  }

  @Override
  public void delete(String folder) throws IOException {
    store.delete(folder);
  }

  @Override
  public void verify(long step) throws IOException {
    best.verify(store, step);
  }
}
