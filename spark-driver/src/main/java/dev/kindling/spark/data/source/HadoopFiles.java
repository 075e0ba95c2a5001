package dev.kindling.spark.data.source;

import dev.kindling.data.DataException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Files of any file system that Hadoop knows, gzip'ed or not. Immutable; travels to tasks. */
final class HadoopFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SerializableConfiguration configuration;

  private HadoopFiles(SerializableConfiguration configuration) {
    this.configuration = configuration;
  }

  /** With the settings of the session that asks. */
  static HadoopFiles ofSession() {
    return new HadoopFiles(
        new SerializableConfiguration(SparkSession.active().sparkContext().hadoopConfiguration()));
  }

  private FileSystem system(Path path) throws IOException {
    return path.getFileSystem(configuration.value());
  }

  /**
   * The first of some names that is in a folder.
   *
   * @throws DataException naming the folder and what was looked for
   */
  String find(String folder, List<String> names) {
    try {
      for (String name : names) {
        Path path = new Path(folder, name);
        if (system(path).exists(path)) {
          return path.toString();
        }
      }
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    throw new DataException(
        "%s: none of %s is there; load the folder that holds the files"
            .formatted(folder, String.join(", ", names)));
  }

  /** The files of a folder whose names have a form, by name; the file itself where it is one. */
  List<String> list(String path, String form) {
    Path folder = new Path(path);
    try {
      FileStatus[] all = system(folder).listStatus(folder, file -> file.getName().matches(form));
      return Arrays.stream(all).map(file -> file.getPath().toString()).sorted().toList();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Bytes of a file as it is stored. */
  long length(String file) {
    Path path = new Path(file);
    try {
      return system(path).getFileStatus(path).getLen();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Whether a file is gzip'ed; seen by its first bytes, not by its name. */
  boolean isZipped(String file) {
    Path path = new Path(file);
    try (FSDataInputStream in = system(path).open(path)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** A file from a byte of its contents on. */
  DataInputStream open(String file, long start) throws IOException {
    boolean zipped = isZipped(file);
    Path path = new Path(file);
    FSDataInputStream in = system(path).open(path);
    try {
      if (!zipped) {
        in.seek(start);
        return new DataInputStream(new BufferedInputStream(in, 1 << 16));
      }
      InputStream unpacked = new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16);
      unpacked.skipNBytes(start);
      return new DataInputStream(unpacked);
    } catch (IOException e) {
      in.close();
      throw unreadable(file, e);
    }
  }

  static DataException unreadable(String file, IOException e) {
    return new DataException(
        "%s: cannot be read (%s); check the path, the file and its permissions"
            .formatted(file, e.getMessage()),
        e);
  }
}
