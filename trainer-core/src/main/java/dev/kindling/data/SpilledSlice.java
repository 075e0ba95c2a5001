package dev.kindling.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The rows of one logical replica in a file on local disk. Rows are read where they stand, so the
 * heap holds those of a batch alone, and what else of the memory is free serves as a cache. The
 * file is deleted when this is closed. Immutable and thread-safe.
 */
public final class SpilledSlice implements StoredSlice, AutoCloseable {
  private static final int BLOCK = 1 << 18;

  private final RowFormat format;
  private final Path file;
  private final FileChannel channel;
  private final int rowLength;
  private final int size;
  private final long checksum;

  private SpilledSlice(RowFormat format, Path file, FileChannel channel, int size, long checksum) {
    this.format = format;
    this.file = file;
    this.channel = channel;
    this.rowLength = format.length();
    this.size = size;
    this.checksum = checksum;
  }

  /** Collects rows that come in any order. Not thread-safe; used once. */
  public static final class Builder {
    private final RowFormat format;
    private final Path file;
    private final FileChannel channel;

    /** Starts a file in a folder. */
    public Builder(RowFormat format, Path folder) {
      this.format = format;
      try {
        this.file = Files.createTempFile(folder, "slice-", ".rows");
        this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "%s: a slice cannot be written there: %s".formatted(folder, e.getMessage()), e);
      }
    }

    /**
     * Puts rows in their place.
     *
     * @param place of the first in the slice
     * @param rows whole rows, one after the other
     */
    public void put(long place, byte[] rows) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(rows);
        long at = place * format.length();
        while (buffer.hasRemaining()) {
          at += channel.write(buffer, at);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "%s: the slice cannot be written: %s".formatted(file, e.getMessage()), e);
      }
    }

    /** The slice of all rows up to the last place. */
    public SpilledSlice build() {
      try {
        int size = Math.toIntExact(channel.size() / format.length());
        return new SpilledSlice(format, file, channel, size, checksum());
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }

    private long checksum() throws IOException {
      CRC32C checksum = new CRC32C();
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      for (long at = 0; at < channel.size(); ) {
        at += channel.read(block.clear(), at);
        checksum.update(block.flip());
      }
      return checksum.getValue();
    }
  }

  private static UncheckedIOException unreadable(Path file, IOException e) {
    return new UncheckedIOException(
        "%s: the slice cannot be read: %s".formatted(file, e.getMessage()), e);
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long checksum() {
    return checksum;
  }

  /** Some rows that follow each other, in memory. */
  public Slice block(int from, int count) {
    Stage stage = new Stage(count);
    for (int i = 0; i < count; i++) {
      stage.read(i, from + i);
    }
    return stage.slice;
  }

  /** Room in memory for the rows of a batch. */
  public Stage stage(int rows) {
    return new Stage(rows);
  }

  /** Rows that were read into memory, to be gathered from there. For one thread at a time. */
  public final class Stage {
    private final int rowsPerChunk = Slice.rowsPerChunk(rowLength);
    private final ByteBuffer[] chunks;
    private final Slice slice;
    private final int[] places;

    private Stage(int rows) {
      byte[][] bytes = new byte[(rows + rowsPerChunk - 1) / rowsPerChunk][];
      chunks = new ByteBuffer[bytes.length];
      for (int c = 0; c < bytes.length; c++) {
        bytes[c] = new byte[Math.min(rowsPerChunk, rows - c * rowsPerChunk) * rowLength];
        chunks[c] = ByteBuffer.wrap(bytes[c]);
      }
      slice = new Slice(format, rows, bytes, 0);
      places = new int[rows];
      for (int i = 0; i < rows; i++) {
        places[i] = i;
      }
    }

    /** Reads the rows {@code order[from]} to {@code order[from + count - 1]}. */
    public void load(int[] order, int from, int count) {
      for (int i = 0; i < count; i++) {
        read(i, order[from + i]);
      }
    }

    private void read(int place, int row) {
      ByteBuffer chunk = chunks[place / rowsPerChunk];
      int start = place % rowsPerChunk * rowLength;
      chunk.limit(start + rowLength).position(start);
      try {
        long at = (long) row * rowLength;
        while (chunk.hasRemaining()) {
          int read = channel.read(chunk, at);
          if (read < 0) {
            throw new EOFException("row %d of %d is not there".formatted(row, size));
          }
          at += read;
        }
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }

    /** The rows, at the places 0, 1, ... */
    public Slice slice() {
      return slice;
    }

    /** 0, 1, ...; not to be changed. */
    public int[] places() {
      return places;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
