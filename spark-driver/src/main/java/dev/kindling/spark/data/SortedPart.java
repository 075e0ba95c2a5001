package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import scala.Tuple2;

/**
 * The rows of one part of the global order, sorted. A part that is too large for the memory goes to
 * files on local disk, each a piece of its range of hashes, and is sorted piece by piece.
 */
final class SortedPart {
  /** What a row costs on the heap beside its bytes. */
  private static final int OVERHEAD = 64;

  private static final int LARGEST = 64 << 20;

  private final RowFormat format;
  private final RowOrder order;
  private final int part;
  private final int parts;

  SortedPart(RowFormat format, RowOrder order, int part, int parts) {
    this.format = format;
    this.order = order;
    this.part = part;
    this.parts = parts;
  }

  /** The part of the order that a row belongs to: by the highest bits of its hash. */
  static int part(long hash, int parts) {
    long unsigned = (hash ^ Long.MIN_VALUE) >>> 32;
    return (int) (unsigned * parts >>> 32);
  }

  /**
   * All rows in order.
   *
   * @param count of the rows
   */
  Iterator<byte[]> rows(Iterator<Tuple2<Integer, RowBlock>> blocks, long count) {
    long heap = count * (format.length() + OVERHEAD);
    long most = Math.min(LARGEST, Runtime.getRuntime().maxMemory() / 32);
    Iterator<byte[]> rows = unpacked(blocks);
    return heap <= most ? sorted(rows) : byPieces(rows, (int) (heap / most + 1));
  }

  private Iterator<byte[]> unpacked(Iterator<Tuple2<Integer, RowBlock>> blocks) {
    return new RowBlock.Rows(
        format.length(),
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return blocks.hasNext();
          }

          @Override
          public byte[] next() {
            return blocks.next()._2().rows();
          }
        });
  }

  private record Hashed(long hash, byte[] row) {}

  private Iterator<byte[]> sorted(Iterator<byte[]> rows) {
    List<Hashed> hashed = new ArrayList<>();
    rows.forEachRemaining(row -> hashed.add(new Hashed(order.hash(row), row)));
    hashed.sort((a, b) -> RowOrder.compare(a.hash, a.row, b.hash, b.row));
    return hashed.stream().map(Hashed::row).iterator();
  }

  private Iterator<byte[]> byPieces(Iterator<byte[]> rows, int pieces) {
    List<Path> files = write(rows, pieces);
    Iterator<Path> left = files.iterator();
    return new Iterator<>() {
      private Iterator<byte[]> piece = List.<byte[]>of().iterator();

      @Override
      public boolean hasNext() {
        while (!piece.hasNext() && left.hasNext()) {
          piece = sorted(readAndDelete(left.next()).iterator());
        }
        return piece.hasNext();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return piece.next();
      }
    };
  }

  /** Each piece has its range of hashes, so their rows follow each other. */
  private List<Path> write(Iterator<byte[]> rows, int pieces) {
    Path folder = SliceMemory.folder(SparkEnv.get());
    List<Path> files = new ArrayList<>();
    List<OutputStream> outs = new ArrayList<>();
    try {
      for (int i : IntStream.range(0, pieces).toArray()) {
        files.add(Files.createTempFile(folder, "piece-" + i + "-", ".rows"));
        outs.add(new BufferedOutputStream(Files.newOutputStream(files.get(i)), 1 << 16));
      }
      while (rows.hasNext()) {
        byte[] row = rows.next();
        outs.get(part(order.hash(row), parts * pieces) - part * pieces).write(row);
      }
      for (OutputStream out : outs) {
        out.close();
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: rows cannot be sorted there: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private List<byte[]> readAndDelete(Path file) {
    List<byte[]> rows = new ArrayList<>();
    try {
      long count = Files.size(file) / format.length();
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        for (long i = 0; i < count; i++) {
          rows.add(in.readNBytes(format.length()));
        }
      }
      Files.delete(file);
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: rows cannot be read back: %s".formatted(file, e.getMessage()), e);
    }
  }
}
