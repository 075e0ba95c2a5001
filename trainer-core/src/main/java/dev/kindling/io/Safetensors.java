package dev.kindling.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format:
 *
 * <pre>
 * 8 bytes     n, the length of the header, little-endian
 * n bytes     JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
 * the rest    the tensors' values, little-endian, without gaps; offsets count from here
 * </pre>
 *
 * Lengths are checked against the size of the file before memory is taken.
 */
public final class Safetensors {
  /** A longer header is refused, as other readers do. */
  public static final long LARGEST_HEADER = 100_000_000;

  private static final int PREFIX = Long.BYTES;

  private Safetensors() {}

  /** Writes tensors of F32 or I64 in the order of the map; the file is whole or not there. */
  public static void write(Path file, Map<String, StoredTensor> tensors) throws IOException {
    write(file, tensors, Map.of());
  }

  /** Writes tensors of F32 or I64 and free texts; the file is whole or not there. */
  public static void write(
      Path file, Map<String, StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFile.write(file, out -> write(out, tensors, metadata));
  }

  /**
   * Writes tensors and free texts to a stream, which stays open.
   *
   * @throws IllegalArgumentException when a tensor is neither F32 nor I64 or is named {@code
   *     __metadata__}
   */
  public static void write(
      OutputStream out, Map<String, StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    tensors.forEach(Safetensors::checkWritable);
    byte[] header = Header.of(tensors, metadata).encode();
    byte[] length = new byte[PREFIX];
    ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
    out.write(length);
    out.write(header);
    for (StoredTensor tensor : tensors.values()) {
      if (tensor.dtype() == DType.I64) {
        LongBytes.write(tensor.longs(), out);
      } else {
        FloatBytes.write(tensor.floats(), out);
      }
    }
  }

  private static void checkWritable(String name, StoredTensor tensor) {
    boolean isWritable = tensor.dtype() == DType.F32 || tensor.dtype() == DType.I64;
    if (!isWritable || name.equals(Header.METADATA)) {
      throw new IllegalArgumentException(
          "safetensors: tensor '%s' is %s; only F32 and I64 are written, under any name but %s"
              .formatted(name, tensor.dtype(), Header.METADATA));
    }
  }

  /**
   * Reads a whole file.
   *
   * @throws SafetensorsException when it is no sound safetensors file
   */
  public static SafetensorsFile read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, Files.size(file), file.toString());
    }
  }

  /**
   * Reads a whole file from a stream, which stays open.
   *
   * @param size the file's length in bytes
   * @param name what messages call it
   * @throws SafetensorsException when it is no sound safetensors file
   */
  public static SafetensorsFile read(InputStream in, long size, String name) throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    Header header = header(channel, size, name);
    return new SafetensorsFile(readTensors(channel, header, name), header.metadata());
  }

  /** Takes the values of a file as they are read; no tensor is ever held whole. */
  public interface FloatVisitor {
    /**
     * Called first.
     *
     * @param shapes of the tensors by name, in the order of the header
     * @param metadata the texts under {@code __metadata__}
     */
    void header(Map<String, List<Integer>> shapes, Map<String, String> metadata) throws IOException;

    /**
     * The next values of a tensor.
     *
     * @param from the first one's place in the tensor, in row-major order
     * @param values from position to limit; the buffer is filled again after the call
     */
    void values(String tensor, int from, FloatBuffer values) throws IOException;
  }

  /**
   * Hands on a file of floats from a stream, which stays open, chunk by chunk in the order of its
   * bytes.
   *
   * @param size the file's length in bytes
   * @param name what messages call it
   * @throws SafetensorsException when it is no sound safetensors file, or holds other than floats
   */
  public static void read(InputStream in, long size, String name, FloatVisitor visitor)
      throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    Header header = header(channel, size, name);
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, Header.Entry> e : header.entries().entrySet()) {
      checkFloats(name, e.getKey(), e.getValue().dtype());
      shapes.put(e.getKey(), e.getValue().shape());
    }
    visitor.header(shapes, header.metadata());
    ByteBuffer chunk = littleEndian(FloatBytes.CHUNK);
    FloatBuffer values = FloatBuffer.allocate(FloatBytes.CHUNK / DType.F16.bytes());
    for (Map.Entry<String, Header.Entry> e : header.inFileOrder()) {
      Header.Entry entry = e.getValue();
      int from = 0;
      for (long left = entry.end() - entry.begin(); left > 0; left -= chunk.limit()) {
        chunk.clear().limit((int) Math.min(left, chunk.capacity()));
        fill(channel, chunk, name);
        entry.dtype().decode(chunk, values.clear());
        visitor.values(e.getKey(), from, values.flip());
        from += chunk.limit() / entry.dtype().bytes();
      }
    }
  }

  private static void checkFloats(String file, String tensor, DType dtype)
      throws SafetensorsException {
    if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
      throw new SafetensorsException(
          "%s: tensor '%s' is %s; floats belong there".formatted(file, tensor, dtype));
    }
  }

  private static Header header(ReadableByteChannel channel, long size, String name)
      throws IOException {
    long headerLength = headerLength(channel, size, name);
    ByteBuffer json = littleEndian((int) headerLength);
    fill(channel, json, name);
    return Header.parse(name, json, size - PREFIX - headerLength);
  }

  private static long headerLength(ReadableByteChannel channel, long size, String name)
      throws IOException {
    if (size < PREFIX) {
      throw new SafetensorsException(
          "%s: the file has %d bytes; a safetensors file has at least 8 and a header"
              .formatted(name, size));
    }
    ByteBuffer prefix = littleEndian(PREFIX);
    fill(channel, prefix, name);
    long length = prefix.getLong();
    if (length < 0 || length > LARGEST_HEADER || length > size - PREFIX) {
      throw new SafetensorsException(
          "%s: the first 8 bytes announce a header of %s bytes; the file has %d after them, and at most %d are read; is it a safetensors file?"
              .formatted(name, Long.toUnsignedString(length), size - PREFIX, LARGEST_HEADER));
    }
    return length;
  }

  private static Map<String, StoredTensor> readTensors(
      ReadableByteChannel channel, Header header, String name) throws IOException {
    ByteBuffer chunk = littleEndian(FloatBytes.CHUNK);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    header.entries().keySet().forEach(key -> tensors.put(key, null)); // the header's order
    for (Map.Entry<String, Header.Entry> e : header.inFileOrder()) {
      Header.Entry entry = e.getValue();
      Buffer values = entry.dtype().allocate(entry.elements());
      for (long left = entry.end() - entry.begin(); left > 0; left -= chunk.limit()) {
        chunk.clear().limit((int) Math.min(left, chunk.capacity()));
        fill(channel, chunk, name);
        entry.dtype().decode(chunk, values);
      }
      tensors.put(e.getKey(), new StoredTensor(entry.dtype(), entry.shape(), values.flip()));
    }
    return tensors;
  }

  private static void fill(ReadableByteChannel channel, ByteBuffer buffer, String name)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(name + ": the file became shorter while it was read");
      }
    }
    buffer.flip();
  }

  private static ByteBuffer littleEndian(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
