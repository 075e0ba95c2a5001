package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;

/**
 * The clients of federated averaging on a cluster.
 *
 * @param format of their rows
 * @param rows each client's, whole in one Spark partition, in ascending order of their numbers
 * @param bad counts rows that are left out while the others are read
 */
public record ClientSource(RowFormat format, JavaRDD<ClientRows> rows, Optional<BadRowCount> bad) {}
