package dev.kindling.ps.checkpoint;

import dev.kindling.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Where checkpoints are kept: a folder of a local disk, HDFS, an object store. Paths are relative,
 * with {@code /} between the names. Used by one thread at a time.
 */
public interface CheckpointStore {
  /**
   * Writes a file, with the folders above it. When the call returns, the file is whole and will
   * survive a crash; when it throws, there is no file of that name, or the one from before.
   */
  void write(String path, AtomicFile.Content content) throws IOException;

  /** Opens a file. */
  InputStream open(String path) throws IOException;

  /** Bytes of a file. */
  long size(String path) throws IOException;

  /** Names in a folder, in any order; none if there is no such folder. The root is "". */
  List<String> list(String folder) throws IOException;

  /** Deletes a folder with all that is in it. */
  void delete(String folder) throws IOException;

  /**
   * Checks what this store itself has put beside the files of a checkpoint; nothing by default.
   *
   * @throws CheckpointException naming the file, if it is missing or damaged
   */
  default void verify(long step) throws IOException {}
}
