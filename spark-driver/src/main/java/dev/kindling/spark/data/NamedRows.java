package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import org.apache.spark.api.java.JavaPairRDD;

/**
 * Encoded rows on a cluster, each under the name of whom it belongs to.
 *
 * @param format what every row is made of
 * @param rows in any order
 * @param bad counts rows that are left out while the others are read
 */
public record NamedRows(RowFormat format, JavaPairRDD<String, byte[]> rows, BadRowCount bad) {}
