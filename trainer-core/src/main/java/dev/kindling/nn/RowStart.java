package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Shape;
import java.io.Serializable;

/**
 * How the rows of a matrix start, one by one: row k has the bits of the elements [k * width, (k +
 * 1) * width) of the whole that {@link Module#initialize} would fill, so it depends on neither the
 * order nor the place in which rows are touched. Immutable and thread-safe.
 *
 * <p>A key may be any number of 64 bits: where k * width has more than 64, the upper ones choose
 * another stream.
 *
 * @param width elements of a row
 * @param seed of the generator
 * @param parameter number of the parameter in its model: its stream
 * @param initializer of each element
 */
public record RowStart(int width, long seed, int parameter, Initializer.Elementwise initializer)
    implements Serializable {
  private static final int WORDS_OF_A_BLOCK = 4;

  /** Writes row {@code key}. */
  public void draw(long key, float[] into, int at) {
    long words = (long) width * initializer.words();
    long low = key * words;
    long high = Math.multiplyHigh(key, words);
    int stream = Streams.INITIALIZATION ^ ((int) (high >> 2) << 8);
    Philox random = new Philox(seed, stream, parameter);
    random.moveTo(low >>> 2 | high << 62, (int) (low & (WORDS_OF_A_BLOCK - 1)));
    initializer.fill(into, at, Shape.of(width), random);
  }
}
