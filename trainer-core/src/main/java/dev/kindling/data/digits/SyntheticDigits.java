package dev.kindling.data.digits;

import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.util.List;

/**
 * Digits like handwriting that the project draws itself: rows of shape [1, 28, 28] with labels 0 to
 * 9, the same bits on every machine. Each image depends on the seed and its own number alone, so
 * that any range can be drawn anywhere. A linear classifier stays below 92 % on the held-out part,
 * a network of two hidden layers (128, 64) gets above 97 %.
 *
 * <p>Rows are drawn when they are asked for, about 25,000 a second on one core. Immutable and
 * thread-safe.
 */
public final class SyntheticDigits implements Dataset {
  /** Images that {@link #train(Normalisation)} draws. */
  public static final int TRAIN_SIZE = 20_000;

  /** Images that {@link #test(Normalisation)} draws. */
  public static final int TEST_SIZE = 4_000;

  private static final long SEED = 2026;
  private static final int SIDE = 28;

  private final long seed;
  private final int first;
  private final int size;
  private final RowFormat format;

  /**
   * The images {@code first} to {@code first + size - 1} of a seed.
   *
   * @param normalisation how pixels become floats, e.g. {@code Normalisation.pixels(0.1307,
   *     0.3081)}
   */
  public SyntheticDigits(long seed, int first, int size, Normalisation normalisation) {
    this.seed = seed;
    this.first = first;
    this.size = size;
    this.format =
        new RowFormat(List.of(1, SIDE, SIDE), ElementType.UINT8, Target.label(10), normalisation);
  }

  /** The training part of the embedded data. */
  public static SyntheticDigits train(Normalisation normalisation) {
    return new SyntheticDigits(SEED, 0, TRAIN_SIZE, normalisation);
  }

  /** The held-out part of the embedded data. */
  public static SyntheticDigits test(Normalisation normalisation) {
    return new SyntheticDigits(SEED, TRAIN_SIZE, TEST_SIZE, normalisation);
  }

  /** The rows {@code from} to {@code to - 1} of these. */
  public SyntheticDigits range(int from, int to) {
    return new SyntheticDigits(seed, first + from, to - from, format.normalisation());
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
  public byte[] row(int index) {
    DigitDrawing drawing = new DigitDrawing(seed, first + index, SIDE);
    return new RowEncoder(format).bytes(drawing.pixels(), 0).label(drawing.digit()).row();
  }
}
