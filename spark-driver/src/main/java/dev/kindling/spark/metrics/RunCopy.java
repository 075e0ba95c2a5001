package dev.kindling.spark.metrics;

import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.checkpoint.HadoopSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * The copy on a local disk of a run directory that lies on a file system of Hadoop's. Files are
 * written locally and published whole: an object store cannot append. Checkpoints are not copied.
 * Thread-safe.
 */
public final class RunCopy {
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://.*");
  private static final String CHECKPOINTS = "checkpoints";

  private final String address;
  private final CheckpointStore remote;
  private final Path local;
  private final Map<Path, Stamp> published = new HashMap<>();

  /** Tells whether a file has changed since. */
  private record Stamp(long modified, long bytes) {
    static Stamp of(Path file) throws IOException {
      return new Stamp(Files.getLastModifiedTime(file).toMillis(), Files.size(file));
    }
  }

  /** An empty copy of what may already lie there. */
  RunCopy(String address) {
    this.address = address.replaceFirst("/+$", "");
    try {
      remote = new HadoopCheckpointStore(this.address, HadoopSettings.of(new SparkConf()));
      local = Files.createTempDirectory("kindling-run-");
    } catch (IOException e) {
      throw new UncheckedIOException(this.address + " cannot be reached: " + e.getMessage(), e);
    }
  }

  /** Whether a text is the address of a place on a file system of Hadoop's, with its scheme. */
  static boolean isAddress(String place) {
    return ADDRESS.matcher(place).matches();
  }

  Path local() {
    return local;
  }

  /** The last part of the address. */
  String name() {
    return address.substring(address.lastIndexOf('/') + 1);
  }

  /** Where the run's checkpoints belong. */
  String checkpoints() {
    return address + "/" + CHECKPOINTS;
  }

  /** What lies there. */
  List<String> names() {
    try {
      return remote.list("");
    } catch (IOException e) {
      throw new UncheckedIOException(address + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Copies files here. */
  void fetch(Predicate<String> wanted) {
    for (String name : names()) {
      if (!name.equals(CHECKPOINTS) && wanted.test(name)) {
        fetch(name);
      }
    }
  }

  private void fetch(String name) {
    Path file = local.resolve(name);
    try (InputStream in = remote.open(name)) {
      Files.copy(in, file);
      published.put(file, Stamp.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s/%s cannot be read: %s".formatted(address, name, e.getMessage()), e);
    }
  }

  /**
   * Copies what has changed to where it belongs.
   *
   * @throws UncheckedIOException naming the file; the copy here stays
   */
  synchronized void publish() {
    try (Stream<Path> files = Files.list(local)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        publish(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void publish(Path file) throws IOException {
    Stamp now = Stamp.of(file);
    if (now.equals(published.get(file))) {
      return;
    }
    try {
      remote.write(file.getFileName().toString(), out -> Files.copy(file, out));
    } catch (IOException e) {
      throw new IOException(
          "%s/%s cannot be written: %s (a copy is %s)"
              .formatted(address, file.getFileName(), e.getMessage(), file),
          e);
    }
    published.put(file, now);
  }

  /** Deletes the checkpoints of a run that could not begin. */
  void abandon() throws IOException {
    if (names().contains(CHECKPOINTS)) {
      remote.delete(CHECKPOINTS);
    }
    if (names().isEmpty()) {
      remote.delete("");
    }
  }

  @Override
  public String toString() {
    return address;
  }
}
