package dev.kindling.spark.metrics;

import dev.kindling.spark.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The folder of one run: {@code config.yaml} (resolved), {@code metrics.jsonl}, {@code log.txt},
 * {@code model.safetensors}, {@code summary.json}.
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
    if (Files.exists(directory.config()) || Files.exists(directory.metrics())) {
      throw new ConfigException(
          path + " holds another run; choose another folder with --run-dir, or remove that one");
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

  /** The trained parameters. */
  public Path model() {
    return path.resolve("model.safetensors");
  }

  /** What came out. */
  public Path summary() {
    return path.resolve("summary.json");
  }

  /** Writes a whole file: under another name first, so that nobody sees half of it. */
  public void write(Path file, String text) {
    try {
      Files.createDirectories(path);
      Path unfinished = Files.createTempFile(path, file.getFileName().toString(), ".tmp");
      Files.writeString(unfinished, text);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Appends a line to a file. */
  public void append(Path file, String line) {
    try {
      Files.createDirectories(path);
      Files.writeString(
          file,
          line + System.lineSeparator(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
