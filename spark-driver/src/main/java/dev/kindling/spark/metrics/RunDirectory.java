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
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The folder of one run: {@code config.yaml} (resolved), {@code metrics.jsonl}, {@code log.txt},
 * {@code checkpoints/}, {@code model.safetensors}, {@code summary.json}.
 *
 * @param path of the folder
 * @param remote where it belongs, if that is no local disk: {@code path} is a copy then
 */
public record RunDirectory(Path path, Optional<RunCopy> remote) {

  /** On a local disk. */
  public RunDirectory(Path path) {
    this(path, Optional.empty());
  }

  private RunDirectory(RunCopy copy) {
    this(copy.local(), Optional.of(copy));
  }

  /**
   * A folder for a new run; it is made when the first file is written.
   *
   * @param place a path, or an address such as {@code hdfs://name/runs/1}
   * @throws ConfigException if it holds another run
   */
  public static RunDirectory forNewRun(String place) {
    if (!RunCopy.isAddress(place)) {
      return forNewRun(Path.of(place));
    }
    RunDirectory directory = new RunDirectory(new RunCopy(place));
    List<String> there = directory.remote.orElseThrow().names();
    for (Path file : directory.results()) {
      directory.refuseIf(there.contains(file.getFileName().toString()), file);
    }
    return directory;
  }

  /**
   * A folder that a run has written; of one that lies elsewhere the files are copied here.
   *
   * @param place a path, or an address such as {@code hdfs://name/runs/1}
   * @throws ConfigException if there is no run in it
   */
  public static RunDirectory ofRun(String place) {
    if (!RunCopy.isAddress(place)) {
      return ofRun(Path.of(place));
    }
    RunDirectory directory = new RunDirectory(new RunCopy(place));
    directory.remote.orElseThrow().fetch(name -> true);
    directory.requireRun();
    return directory;
  }

  /**
   * The configuration and the figures of a run, without its model and its log.
   *
   * @param place a path, or an address such as {@code hdfs://name/runs/1}
   * @throws ConfigException if there is no run in it
   */
  public static RunDirectory figuresOf(String place) {
    if (!RunCopy.isAddress(place)) {
      return ofRun(Path.of(place));
    }
    RunDirectory directory = new RunDirectory(new RunCopy(place));
    List<String> wanted =
        Stream.of(directory.config(), directory.metrics(), directory.summary())
            .map(file -> file.getFileName().toString())
            .toList();
    directory.remote.orElseThrow().fetch(wanted::contains);
    directory.requireRun();
    return directory;
  }

  /** A folder that may hold a run already: a path, or an address, whose files are copied here. */
  public static RunDirectory soFar(String place) {
    RunDirectory directory = at(place);
    directory.remote.ifPresent(copy -> copy.fetch(name -> true));
    return directory;
  }

  /** A folder for anything: a path, or an address whose files are to be published. */
  public static RunDirectory at(String place) {
    return RunCopy.isAddress(place)
        ? new RunDirectory(new RunCopy(place))
        : new RunDirectory(Path.of(place));
  }

  /**
   * A local folder for a new run; it is made when the first file is written.
   *
   * @throws ConfigException if it holds another run
   */
  public static RunDirectory forNewRun(Path path) {
    RunDirectory directory = new RunDirectory(path);
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new ConfigException(path + " is a file; choose a folder with --run-dir");
    }
    for (Path file : directory.results()) {
      directory.refuseIf(Files.exists(file), file);
    }
    return directory;
  }

  /** A path as it is; of an address a copy of the files of the run that lies there. */
  public static Path onLocalDisk(String place) {
    return RunCopy.isAddress(place) ? ofRun(place).path : Path.of(place);
  }

  private List<Path> results() {
    return List.of(config(), metrics(), model(), checkpoints());
  }

  private void refuseIf(boolean isThere, Path file) {
    if (isThere) {
      throw new ConfigException(
          "%s holds another run (%s is there); choose another folder with --run-dir, or go on with: kindling resume %s"
              .formatted(this, file.getFileName(), this));
    }
  }

  /**
   * A local folder that a run has written.
   *
   * @throws ConfigException if there is no run in it
   */
  public static RunDirectory ofRun(Path path) {
    RunDirectory directory = new RunDirectory(path);
    directory.requireRun();
    return directory;
  }

  private void requireRun() {
    if (!Files.exists(config())) {
      throw new ConfigException(
          this + " holds no run: config.yaml is missing; give the folder that train has printed");
    }
  }

  /**
   * Copies what has changed to where the directory belongs, if that is no local disk.
   *
   * @throws UncheckedIOException naming the file and its copy
   */
  public void publish() {
    remote.ifPresent(RunCopy::publish);
  }

  /** What a run that has begun leaves is of use whatever has ended it. */
  public void publishAfter(RuntimeException failure) {
    try {
      if (Files.exists(config())) {
        publish();
      }
    } catch (UncheckedIOException e) {
      failure.addSuppressed(e);
    }
  }

  /** The last part of its path or address. */
  public String name() {
    return remote.isPresent()
        ? remote.get().name()
        : path.toAbsolutePath().normalize().getFileName().toString();
  }

  /** The name that a user knows the directory by. */
  @Override
  public String toString() {
    return remote.map(RunCopy::toString).orElseGet(path::toString);
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

  /** The checkpoints, unless the configuration or {@link #remote} names another place. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** The folder of the checkpoints where the directory lies on no local disk. */
  public Optional<String> remoteCheckpoints() {
    return remote.map(RunCopy::checkpoints);
  }

  /** Deletes the local copy of a directory that was published, if it is one. */
  public void release() throws IOException {
    if (remote.isPresent()) {
      deleteTree(path);
    }
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
    if (remote.isPresent()) {
      remote.get().abandon();
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
