package dev.kindling.spark.predict;

import dev.kindling.data.DataException;
import dev.kindling.data.RowBuffer;
import dev.kindling.spark.data.RowPolicy;
import dev.kindling.train.Predictor;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/**
 * Reads rows ahead, as many as a forward pass takes, and gives each with what the network says of
 * it. Features go from a row straight into the buffer that the network reads. Not thread-safe.
 */
final class Batches<T> implements Iterator<T> {
  private static final int ROWS = 256;

  private final Iterator<T> source;
  private final UnaryOperator<T> kept;
  private final BiPredicate<T, RowBuffer> encode;
  private final Predictor predictor;
  private final BiFunction<T, float[], T> extended;
  private final RowPolicy policy;
  private final RowBuffer features;
  private final Object[] read = new Object[ROWS];
  private final boolean[] isUsable = new boolean[ROWS];
  private float[][] said = {};
  private int count;
  private int at;
  private int usable;

  /**
   * The rows of a partition.
   *
   * @param kept a row that stays as it is when the next one is read
   * @param encode writes the features of a row; false where a missing value drops it
   * @param policy of rows that cannot be read
   * @param network what computes
   * @param extended a row with its output, which is null where the row is dropped or skipped
   */
  Batches(
      Iterator<T> source,
      UnaryOperator<T> kept,
      BiPredicate<T, RowBuffer> encode,
      RowPolicy policy,
      ShippedNetwork network,
      BiFunction<T, float[], T> extended) {
    this.source = source;
    this.kept = kept;
    this.encode = encode;
    this.policy = policy;
    this.predictor = network.predictor();
    this.features = new RowBuffer(network.rows().format(), ROWS);
    this.extended = extended;
  }

  @Override
  public boolean hasNext() {
    return at < count || source.hasNext();
  }

  @Override
  @SuppressWarnings("unchecked")
  public T next() {
    if (at == count) {
      batch();
    }
    T row = (T) read[at];
    return extended.apply(row, isUsable[at++] ? said[usable++] : null);
  }

  private boolean isRead(T row) {
    policy.advance();
    try {
      return encode.test(row, features);
    } catch (DataException e) {
      policy.skip(e);
      return false;
    }
  }

  private void batch() {
    features.clear();
    for (count = 0; count < ROWS && source.hasNext(); count++) {
      T row = source.next();
      isUsable[count] = isRead(row);
      read[count] = kept.apply(row);
    }
    if (count == 0) {
      throw new NoSuchElementException();
    }
    if (features.size() > 0) {
      said = predictor.predict(features);
    }
    at = 0;
    usable = 0;
  }
}
