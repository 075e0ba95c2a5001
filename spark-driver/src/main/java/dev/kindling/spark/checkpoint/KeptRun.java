package dev.kindling.spark.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;

/**
 * A run that keeps its checkpoints in a folder of any file system that Hadoop knows, beside a file
 * {@code run} with its id.
 *
 * @param id that its checkpoints carry
 * @param store of the folder
 */
public record KeptRun(String id, HadoopCheckpointStore store) {
  private static final String FILE = "run";

  /**
   * A new run in a folder.
   *
   * @throws IllegalArgumentException if the folder holds the checkpoints of a run
   */
  public static KeptRun begin(String folder, Configuration settings) {
    try {
      HadoopCheckpointStore store = new HadoopCheckpointStore(folder, settings);
      if (store.list("").stream().anyMatch(name -> name.matches("(step|share)-.*"))) {
        throw new IllegalArgumentException(
            "checkpoints: %s holds those of another run; go on with it by resume(\"%s\"), or choose another folder"
                .formatted(folder, folder));
      }
      String id = UUID.randomUUID().toString();
      store.write(FILE, out -> out.write(id.getBytes(StandardCharsets.UTF_8)));
      return new KeptRun(id, store);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "checkpoints: %s cannot be written: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * The run of a folder.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static KeptRun in(String folder, Configuration settings) {
    try {
      HadoopCheckpointStore store = new HadoopCheckpointStore(folder, settings);
      if (!store.list("").contains(FILE)) {
        throw new IllegalArgumentException(
            "resume: %s holds no run; give the folder that checkpoints(...) was given"
                .formatted(folder));
      }
      try (InputStream in = store.open(FILE)) {
        return new KeptRun(new String(in.readAllBytes(), StandardCharsets.UTF_8), store);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "resume: %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
