package dev.kindling.spark.job;

import dev.kindling.io.AtomicFile;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store that tells of each checkpoint when its marker, which is written last, is there.
 *
 * @param store where checkpoints go
 * @param best goes into each checkpoint before the marker
 * @param committed told the step
 */
record ObservedStore(CheckpointStore store, BestSoFar best, LongConsumer committed)
    implements CheckpointStore {
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
    committed.accept(step);
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
