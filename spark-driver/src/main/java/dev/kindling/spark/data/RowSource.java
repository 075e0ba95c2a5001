package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import org.apache.spark.api.java.JavaRDD;

/**
 * Rows on a cluster, encoded as their format says, in any order.
 *
 * @param format what every row is made of
 * @param blocks one or several whole rows each, one after the other
 */
public record RowSource(RowFormat format, JavaRDD<byte[]> blocks) {}
