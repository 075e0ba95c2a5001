package dev.kindling.spark.predict;

import dev.kindling.train.Predictor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Reads rows ahead, as many as a forward pass takes, and gives each with what the network says of
 * it. Not thread-safe.
 */
final class Batches<T> implements Iterator<T> {
  private static final int ROWS = 256;

  private final Iterator<T> source;
  private final UnaryOperator<T> kept;
  private final Function<T, byte[]> encode;
  private final Predictor predictor;
  private final BiFunction<T, float[], T> extended;
  private final Deque<T> done = new ArrayDeque<>(ROWS);
  private final List<T> read = new ArrayList<>(ROWS);
  private final List<byte[]> encoded = new ArrayList<>(ROWS);

  /**
   * The rows of a partition.
   *
   * @param kept a row that stays as it is when the next one is read
   * @param encode the features of a row; null where a missing value drops it
   * @param extended a row with its output, which is null where the row is dropped
   */
  Batches(
      Iterator<T> source,
      UnaryOperator<T> kept,
      Function<T, byte[]> encode,
      Predictor predictor,
      BiFunction<T, float[], T> extended) {
    this.source = source;
    this.kept = kept;
    this.encode = encode;
    this.predictor = predictor;
    this.extended = extended;
  }

  @Override
  public boolean hasNext() {
    return !done.isEmpty() || source.hasNext();
  }

  @Override
  public T next() {
    if (done.isEmpty()) {
      batch();
    }
    return done.remove();
  }

  private void batch() {
    read.clear();
    encoded.clear();
    while (read.size() < ROWS && source.hasNext()) {
      T row = source.next();
      encoded.add(encode.apply(row));
      read.add(kept.apply(row));
    }
    List<byte[]> usable = encoded.stream().filter(Objects::nonNull).toList();
    Iterator<float[]> said =
        usable.isEmpty() ? List.<float[]>of().iterator() : predictor.predict(usable).iterator();
    for (int i = 0; i < read.size(); i++) {
      done.add(extended.apply(read.get(i), encoded.get(i) == null ? null : said.next()));
    }
  }
}
