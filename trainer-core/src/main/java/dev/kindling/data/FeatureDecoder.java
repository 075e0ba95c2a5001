package dev.kindling.data;

import dev.kindling.kernel.Kernels;
import dev.kindling.kernel.PixelScale;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** Turns the stored features of a slice's rows into normalised floats. Thread-safe. */
abstract sealed class FeatureDecoder {
  /** Features of a row. */
  final int length;

  final float scale;
  final float[] means;
  final float[] deviations;

  /** Features that share a mean and a deviation. */
  final int plane;

  private final Target target;

  private FeatureDecoder(RowFormat format) {
    Normalisation normalisation = format.normalisation();
    length = format.features();
    scale = normalisation.scale();
    means = floats(normalisation.mean());
    deviations = floats(normalisation.deviation());
    plane = length / means.length;
    target = format.target();
  }

  private static float[] floats(List<Float> list) {
    float[] floats = new float[list.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = list.get(i);
    }
    return floats;
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

  /** Unsigned bytes. */
  private static final class Bytes extends FeatureDecoder {
    private final Kernels kernels = Kernels.best();
    private final byte[][] chunks;
    private final PixelScale[] scales;

    Bytes(RowFormat format, byte[][] chunks) {
      super(format);
      this.chunks = chunks;
      this.scales = new PixelScale[means.length];
      for (int c = 0; c < scales.length; c++) {
        scales[c] = new PixelScale(scale, means[c], deviations[c]);
      }
    }

    @Override
    void decode(int chunk, int start, float[] into, int offset) {
      for (int c = 0; c < scales.length; c++) {
        int at = c * plane;
        kernels.normalise(chunks[chunk], start + at, scales[c], into, offset + at, plane);
      }
    }
  }

  /** Copies as a block, then applies the formula. */
  private static final class Floats extends FeatureDecoder {
    private final FloatBuffer[] chunks;
    private final boolean asTheyAre;

    Floats(RowFormat format, byte[][] chunks) {
      super(format);
      this.chunks = Arrays.stream(chunks).map(Floats::view).toArray(FloatBuffer[]::new);
      this.asTheyAre = format.normalisation().equals(Normalisation.none());
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
