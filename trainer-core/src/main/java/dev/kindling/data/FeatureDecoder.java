package dev.kindling.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Turns the stored features of a slice's rows into normalised floats. Thread-safe. */
abstract sealed class FeatureDecoder {
  /** Features of a row. */
  final int length;

  private final Target target;

  private FeatureDecoder(RowFormat format) {
    length = format.features();
    target = format.target();
  }

  static FeatureDecoder of(RowFormat format, byte[][] chunks) {
    return switch (format.element()) {
      case UINT8 -> new Bytes(format, chunks);
      case FLOAT32 -> new Floats(format, chunks);
    };
  }

  /** Decodes the row that starts at a byte of a chunk. */
  abstract void decode(int chunk, int start, float[] into, int offset);

  /** Number of labels of a row. */
  final int labels() {
    if (target instanceof Target.Labels labels) {
      return labels.length();
    }
    throw new IllegalStateException("slice: labels asked for, but the rows have " + target);
  }

  /** Number of target values of a row. */
  final int values() {
    if (target instanceof Target.Values values) {
      return values.length();
    }
    throw new IllegalStateException("slice: values asked for, but the rows have " + target);
  }

  /** Looks each of the 256 values up: faster here than the arithmetic, and the same bits. */
  private static final class Bytes extends FeatureDecoder {
    private final byte[][] chunks;
    private final float[][] tables;
    private final int plane;

    Bytes(RowFormat format, byte[][] chunks) {
      super(format);
      this.chunks = chunks;
      this.tables = new float[format.normalisation().channels()][256];
      this.plane = length / tables.length;
      for (int c = 0; c < tables.length; c++) {
        for (int value = 0; value < 256; value++) {
          tables[c][value] = format.normalisation().apply(value, c);
        }
      }
    }

    @Override
    void decode(int chunk, int start, float[] into, int offset) {
      for (int c = 0; c < tables.length; c++) {
        look(tables[c], chunks[chunk], start + c * plane, into, offset + c * plane, plane);
      }
    }

    private static void look(float[] table, byte[] row, int from, float[] into, int to, int count) {
      for (int i = 0; i < count; i++) {
        into[to + i] = table[row[from + i] & 0xff];
      }
    }
  }

  /** Copies as a block, then applies the formula. */
  private static final class Floats extends FeatureDecoder {
    private final FloatBuffer[] chunks;
    private final float scale;
    private final float[] means;
    private final float[] deviations;
    private final int plane;
    private final boolean asTheyAre;

    Floats(RowFormat format, byte[][] chunks) {
      super(format);
      this.chunks = Arrays.stream(chunks).map(Floats::view).toArray(FloatBuffer[]::new);
      Normalisation normalisation = format.normalisation();
      scale = normalisation.scale();
      means = new float[normalisation.channels()];
      deviations = new float[normalisation.channels()];
      for (int c = 0; c < means.length; c++) {
        means[c] = normalisation.mean().get(c);
        deviations[c] = normalisation.deviation().get(c);
      }
      plane = length / means.length;
      asTheyAre = normalisation.equals(Normalisation.none());
    }

    private static FloatBuffer view(byte[] chunk) {
      return ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    @Override
    void decode(int chunk, int start, float[] into, int offset) {
      chunks[chunk].get(start / Float.BYTES, into, offset, length);
      for (int c = 0; c < means.length && !asTheyAre; c++) {
        int from = offset + c * plane;
        normalise(into, from, from + plane, scale, means[c], deviations[c]);
      }
    }

    private static void normalise(
        float[] x, int from, int to, float scale, float mean, float deviation) {
      for (int i = from; i < to; i++) {
        x[i] = (x[i] * scale - mean) / deviation;
      }
    }
  }
}
