package dev.kindling.spark.metrics;

import dev.kindling.io.AtomicFile;
import dev.kindling.spark.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The folder of one run: {@code config.yaml} (resolved), {@code metrics.jsonl}, {@code log.txt},
 * {@code checkpoints/}, {@code model.safetensors}, {@code summary.json}.
 *
 * @param path of the folder
 */
public record RunDirectory(Path path) {

  /**
   * A folder for a new run; it is made when the first file is written.
   *
   * @throws ConfigException if it holds another run
   */
  public static RunDirectory forNewRun(Path path) {
    RunDirectory directory = new RunDirectory(path);
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new ConfigException(path + " is a file; choose a folder with --run-dir");
    }
    for (Path file :
        List.of(
            directory.config(), directory.metrics(), directory.model(), directory.checkpoints())) {
      if (Files.exists(file)) {
        throw new ConfigException(
            "%s holds another run (%s is there); choose another folder with --run-dir, or go on with: kindling resume %s"
                .formatted(path, file.getFileName(), path));
      }
    }
    return directory;
  }

  /**
   * A folder that a run has written.
   *
   * @throws ConfigException if there is no run in it
   */
  public static RunDirectory ofRun(Path path) {
    RunDirectory directory = new RunDirectory(path);
    if (!Files.exists(directory.config())) {
      throw new ConfigException(
          path + " holds no run: config.yaml is missing; give the folder that train has printed");
    }
    return directory;
  }

  /** The resolved configuration. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** One JSON object a line. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** Spark's log and our own. */
  public Path log() {
    return path.resolve("log.txt");
  }

  /** The checkpoints, unless the configuration names another place. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** The trained parameters. */
  public Path model() {
    return path.resolve("model.safetensors");
  }

  /** How the columns of a DataFrame become features, with what was learned of them. */
  public Path features() {
    return path.resolve("features.json");
  }

  /** What came out. */
  public Path summary() {
    return path.resolve("summary.json");
  }

  /** Writes a whole file: under another name first, so that nobody sees half of it. */
  public void write(Path file, String text) {
    try {
      Files.createDirectories(path);
      AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Appends a line to a file. */
  public void append(Path file, String line) {
    append(file, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Appends bytes to a file. */
  void append(Path file, byte[] bytes) {
    try {
      Files.createDirectories(path);
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** What the lines of a file say; nothing where there is no file. */
  <T> List<T> lines(Path file, Function<String, T> read) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).stream().map(read).toList() : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Takes back what a run has left that could not begin; the user's own files stay. */
  public void abandon() throws IOException {
    if (Files.exists(config())) {
      return;
    }
    Files.deleteIfExists(log());
    deleteTree(checkpoints());
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException e) {
      return; // the user's own files
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> below = Files.walk(folder)) {
        for (Path file : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
