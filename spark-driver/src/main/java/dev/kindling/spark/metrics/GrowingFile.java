package dev.kindling.spark.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * A file that grows while a run goes on. Where it cannot be written, as on a full disk, that is
 * said once and the run goes on without those entries; later ones are tried. Of an entry that was
 * written in part nothing stays, so that the file can be read. For one thread at a time.
 */
final class GrowingFile {
  private final RunDirectory directory;
  private final Path path;
  private final Consumer<String> warnings;
  private long length = -1;
  private boolean isTold;

  /**
   * A file of a run directory, with what is in it already.
   *
   * @param warnings told what is missing
   */
  GrowingFile(RunDirectory directory, Path path, Consumer<String> warnings) {
    this.warnings = warnings;
    this.directory = directory;
    this.path = path;
  }

  /** Appends an entry that is a line. */
  void append(String line) {
    append((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Appends an entry. */
  void append(byte[] entry) {
    try {
      length = length < 0 && Files.exists(path) ? Files.size(path) : Math.max(0, length);
      directory.append(path, entry);
      length += entry.length;
    } catch (UncheckedIOException e) {
      tell(e.getMessage());
      takeBack();
    } catch (IOException e) {
      tell(path + " cannot be read: " + e.getMessage());
    }
  }

  private void tell(String trouble) {
    if (!isTold) {
      isTold = true;
      warnings.accept(trouble + "; training goes on, the file will be incomplete");
    }
  }

  /** Cutting a file needs no room. */
  private void takeBack() {
    if (!Files.isRegularFile(path)) {
      return;
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(length);
    } catch (IOException e) {
      warnings.accept(path + " may end in a part of an entry: " + e.getMessage());
    }
  }
}
