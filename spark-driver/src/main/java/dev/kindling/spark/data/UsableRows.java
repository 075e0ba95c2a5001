package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.Row;

/** Encodes the rows of a partition; passes over those that are dropped or bad. Not thread-safe. */
final class UsableRows<T> implements Iterator<T> {
  private final Iterator<Row> rows;
  private final Function<Row, byte[]> encode;
  private final RowEncoding.Result<T> result;
  private final Predicate<Row> belongs;
  private final RowPolicy policy;
  private T next;

  UsableRows(
      Iterator<Row> rows,
      Function<Row, byte[]> encode,
      RowEncoding.Result<T> result,
      Predicate<Row> belongs,
      RowPolicy policy) {
    this.rows = rows;
    this.encode = encode;
    this.result = result;
    this.belongs = belongs;
    this.policy = policy;
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      Row row = rows.next();
      policy.advance();
      if (!belongs.test(row)) {
        continue;
      }
      try {
        byte[] encoded = encode.apply(row);
        next = encoded == null ? null : result.of(row, encoded);
      } catch (DataException e) {
        policy.skip(e);
      }
    }
    return next != null;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T usable = next;
    next = null;
    return usable;
  }
}
