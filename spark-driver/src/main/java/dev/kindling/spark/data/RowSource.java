package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;

/**
 * Rows on a cluster, encoded as their format says, in any order.
 *
 * @param format what every row is made of
 * @param blocks one or several whole rows each, one after the other
 * @param bad counts rows that are left out while the others are read
 */
public record RowSource(RowFormat format, JavaRDD<byte[]> blocks, Optional<BadRowCount> bad) {
  /** Rows that are all good. */
  public RowSource(RowFormat format, JavaRDD<byte[]> blocks) {
    this(format, blocks, Optional.empty());
  }
}
