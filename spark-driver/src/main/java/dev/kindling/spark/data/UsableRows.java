package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/** Encodes the rows of a partition; passes over those that are dropped or bad. Not thread-safe. */
final class UsableRows<T> implements Iterator<T> {
  private final Iterator<Row> rows;
  private final Function<Row, byte[]> encode;
  private final RowEncoding.Result<T> result;
  private final BadRowCount bad;
  private final RowPlace place = new RowPlace();
  private long skipped;
  private String first;
  private T next;

  UsableRows(
      Iterator<Row> rows,
      Function<Row, byte[]> encode,
      RowEncoding.Result<T> result,
      BadRowCount bad) {
    this.rows = rows;
    this.encode = encode;
    this.result = result;
    this.bad = bad;
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      Row row = rows.next();
      place.advance();
      try {
        byte[] encoded = encode.apply(row);
        next = encoded == null ? null : result.of(row, encoded);
      } catch (DataException e) {
        skip(new DataException("%s: %s".formatted(place, e.getMessage()), e));
      }
    }
    return next != null;
  }

  private void skip(DataException e) {
    skipped++;
    if (bad.most() == 0) {
      throw e;
    }
    first = first == null ? e.getMessage() : first;
    bad.add(new BadRowCount.OfPartition(RowEncoding.partition(), skipped, first));
    if (skipped > bad.most()) {
      throw new DataException(
          "%s; this is bad row %d, and at most %d may be skipped: correct them or raise data.bad_rows"
              .formatted(e.getMessage(), skipped, bad.most()),
          e);
    }
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
