package dev.kindling.spark.data;

import dev.kindling.data.DataException;

/** What a task does with rows that cannot be used: names, counts and refuses them. One thread. */
public final class RowPolicy {
  private final BadRowCount bad;
  private final RowPlace place = new RowPlace();
  private long skipped;
  private String first;

  /** Of a task whose bad rows are counted there. */
  public RowPolicy(BadRowCount bad) {
    this.bad = bad;
  }

  /** Another row has been read. */
  public void advance() {
    place.advance();
  }

  /**
   * The row cannot be used.
   *
   * @throws DataException naming its place too, where it may not be skipped
   */
  public void skip(DataException e) {
    DataException named = new DataException("%s: %s".formatted(place, e.getMessage()), e);
    skipped++;
    if (bad.most() == 0) {
      throw named;
    }
    first = first == null ? named.getMessage() : first;
    bad.add(new BadRowCount.OfPartition(RowEncoding.partition(), skipped, first));
    if (skipped > bad.most()) {
      throw new DataException(
          "%s; this is bad row %d, and at most %d may be skipped: correct them or raise data.bad_rows"
              .formatted(named.getMessage(), skipped, bad.most()),
          named);
    }
  }
}
