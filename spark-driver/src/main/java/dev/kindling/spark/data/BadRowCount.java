package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import java.io.Serializable;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the rows that were left out, by partition: a partition that is read a second time is not
 * counted twice.
 */
public final class BadRowCount
    extends AccumulatorV2<BadRowCount.OfPartition, Collection<BadRowCount.OfPartition>> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(BadRowCount.class);

  private final long most;
  private final TreeMap<Integer, OfPartition> partitions = new TreeMap<>();

  /** Counts against a limit. */
  BadRowCount(long most) {
    this.most = most;
  }

  /**
   * The bad rows of one partition.
   *
   * @param partition its number
   * @param rows how many
   * @param first what is wrong with the first
   */
  public record OfPartition(int partition, long rows, String first) implements Serializable {}

  /** All of them. */
  public synchronized long total() {
    return partitions.values().stream().mapToLong(OfPartition::rows).sum();
  }

  /** How many rows were left out and why the first; empty where none was. */
  public synchronized Optional<String> report() {
    return partitions.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d bad rows skipped, the first: %s"
                .formatted(total(), partitions.firstEntry().getValue().first()));
  }

  /**
   * Refuses more than the limit.
   *
   * @param what for the message, e.g. {@code training data}
   */
  public void check(String what) {
    if (total() > most) {
      throw new DataException(
          "%s: %s; at most %d may be skipped: correct them or raise data.bad_rows"
              .formatted(what, report().orElseThrow(), most));
    }
    report().ifPresent(report -> LOG.warn("{}: {}", what, report));
  }

  long most() {
    return most;
  }

  @Override
  public synchronized boolean isZero() {
    return partitions.isEmpty();
  }

  @Override
  public synchronized AccumulatorV2<OfPartition, Collection<OfPartition>> copy() {
    BadRowCount copy = new BadRowCount(most);
    copy.partitions.putAll(partitions);
    return copy;
  }

  @Override
  public synchronized void reset() {
    partitions.clear();
  }

  @Override
  public synchronized void add(OfPartition bad) {
    partitions.merge(bad.partition, bad, (a, b) -> a.rows >= b.rows ? a : b);
  }

  @Override
  public synchronized void merge(AccumulatorV2<OfPartition, Collection<OfPartition>> other) {
    other.value().forEach(this::add);
  }

  @Override
  public synchronized Collection<OfPartition> value() {
    return Map.copyOf(partitions).values();
  }
}
