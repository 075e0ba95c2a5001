package dev.kindling.data.format;

import dev.kindling.data.DataException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * An idx file of unsigned bytes, gzip'ed or not (seen by its first bytes, not by its name):
 *
 * <pre>
 * 4 bytes          0, 0, 8 (unsigned bytes), the number of dimensions; big-endian as all that follows
 * 4 bytes each     the sizes
 * the rest         the values, row-major
 * </pre>
 */
final class IdxFile {
  /** What a file of images starts with: unsigned bytes in three dimensions. */
  static final int IMAGES = 0x803;

  /** What a file of labels starts with: unsigned bytes in one dimension. */
  static final int LABELS = 0x801;

  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final Path path;
  private final List<Integer> shape;
  private final byte[] values;

  private IdxFile(Path path, List<Integer> shape, byte[] values) {
    this.path = path;
    this.shape = shape;
    this.values = values;
  }

  /** Where it was read. */
  Path path() {
    return path;
  }

  /** The sizes. */
  List<Integer> shape() {
    return shape;
  }

  /** All values, row-major; not to be changed. */
  byte[] values() {
    return values;
  }

  /** Reads a file that must start with the given magic number. */
  static IdxFile read(Path path, int magic) {
    try (DataInputStream in = open(path)) {
      return read(path, in, magic);
    } catch (EOFException e) {
      throw new DataException(path + ": the file is truncated; copy it again", e);
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read (%s); copy it again, or check its permissions".formatted(path, e), e);
    }
  }

  private static DataInputStream open(Path path) throws IOException {
    InputStream file = new BufferedInputStream(Files.newInputStream(path));
    try {
      file.mark(2);
      boolean zipped = file.read() == 0x1f && file.read() == 0x8b;
      file.reset();
      return new DataInputStream(zipped ? new GZIPInputStream(file, 1 << 16) : file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static IdxFile read(Path path, DataInputStream in, int magic) throws IOException {
    int found = in.readInt();
    if (found != magic) {
      throw new DataException(
          "%s: it starts with 0x%08x; idx files of %s start with 0x%08x; is it the right file?"
              .formatted(path, found, magic == IMAGES ? "images" : "labels", magic));
    }
    List<Integer> shape = new ArrayList<>();
    long length = 1;
    for (int dimension = 0; dimension < (magic & 0xff); dimension++) {
      int size = in.readInt();
      shape.add(size);
      length = size < 0 || length > LARGEST ? Long.MAX_VALUE : length * size;
    }
    if (length > LARGEST) {
      throw new DataException(
          "%s: sizes of %s bytes cannot be held; split the file".formatted(path, shape));
    }
    return new IdxFile(path, List.copyOf(shape), values(path, in, (int) length));
  }

  private static byte[] values(Path path, DataInputStream in, int length) throws IOException {
    byte[] values = in.readNBytes(length);
    if (values.length < length) {
      throw new DataException(
          "%s: the file is truncated: %d bytes of values expected, %d found; copy it again"
              .formatted(path, length, values.length));
    }
    if (in.read() >= 0) {
      throw new DataException(
          "%s: bytes follow the %d that the header announces; copy it again"
              .formatted(path, length));
    }
    return values;
  }
}
