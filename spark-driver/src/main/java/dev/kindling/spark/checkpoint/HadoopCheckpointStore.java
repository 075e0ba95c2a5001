package dev.kindling.spark.checkpoint;

import dev.kindling.io.AtomicFile;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Checkpoints on any file system that Hadoop knows: HDFS, object stores, a mounted disk. A file is
 * written under another name, synced and renamed.
 */
public final class HadoopCheckpointStore implements CheckpointStore {
  private final FileContext files;
  private final Path root;

  /**
   * Checkpoints below a folder.
   *
   * @param root made when the first file is written
   * @param configuration Spark's, with the settings of the file systems
   */
  public HadoopCheckpointStore(String root, Configuration configuration) throws IOException {
    this.root = new Path(root);
    this.files = FileContext.getFileContext(this.root.toUri(), configuration);
  }

  /** The address of the folder, with its scheme. */
  public String root() {
    return files.makeQualified(root).toString();
  }

  private Path resolve(String path) {
    return path.isEmpty() ? root : new Path(root, path);
  }

  @Override
  public void write(String path, AtomicFile.Content content) throws IOException {
    Path whole = resolve(path);
    Path beside = new Path(whole.getParent(), "." + whole.getName() + "." + UUID.randomUUID());
    try {
      fill(beside, content);
      files.rename(beside, whole, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      deleteAfter(e, beside);
      throw e;
    }
  }

  private void fill(Path file, AtomicFile.Content content) throws IOException {
    FSDataOutputStream out =
        files.create(file, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
    try {
      content.writeTo(out);
      out.hsync();
    } catch (IOException | RuntimeException e) {
      closeAfter(e, out);
      throw e;
    }
    out.close();
  }

  private static void closeAfter(Exception failure, FSDataOutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      if (e != failure) { // HDFS throws the same one again
        failure.addSuppressed(e);
      }
    }
  }

  private void deleteAfter(IOException failure, Path unfinished) {
    try {
      files.delete(unfinished, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    return files.open(resolve(path));
  }

  @Override
  public long size(String path) throws IOException {
    return files.getFileStatus(resolve(path)).getLen();
  }

  @Override
  public List<String> list(String folder) throws IOException {
    try {
      return Arrays.stream(files.util().listStatus(resolve(folder)))
          .map(status -> status.getPath().getName())
          .filter(name -> !name.startsWith("."))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  @Override
  public void delete(String folder) throws IOException {
    files.delete(resolve(folder), true);
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
