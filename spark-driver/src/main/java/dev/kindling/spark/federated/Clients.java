package dev.kindling.spark.federated;

import dev.kindling.data.DataException;
import dev.kindling.data.RowFormat;
import dev.kindling.federated.RoundPlan;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.spark.data.ClientSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * The clients that have rows, where they are. Kept on the executors; a lost one's are made again
 * from the source.
 *
 * @param format of the rows
 * @param rows each client's, ascending within a Spark partition and from one to the next
 * @param numbers of the clients as they stand in {@code rows}; a client's place here is its number
 *     in the run
 * @param parts the Spark partition of each
 * @param totalRows of all clients
 */
record Clients(
    RowFormat format, JavaRDD<ClientRows> rows, int[] numbers, int[] parts, long totalRows)
    implements AutoCloseable {

  /**
   * Counts and keeps the clients: one job, which reads the source.
   *
   * @throws DataException when there is no row, or more bad ones than may be skipped
   */
  static Clients of(ClientSource source) {
    RowFormat format = source.format();
    JavaRDD<ClientRows> kept = source.rows().persist(StorageLevel.MEMORY_AND_DISK());
    List<long[]> counted =
        kept.mapPartitionsWithIndex((part, clients) -> count(part, clients, format), false)
            .collect();
    source.bad().ifPresent(bad -> bad.check("training data"));
    if (counted.isEmpty()) {
      throw new DataException("the clients have no row; check the path and the filter");
    }
    return new Clients(
        format,
        kept,
        counted.stream().mapToInt(client -> (int) client[0]).toArray(),
        counted.stream().mapToInt(client -> (int) client[1]).toArray(),
        counted.stream().mapToLong(client -> client[2]).sum());
  }

  private static Iterator<long[]> count(int part, Iterator<ClientRows> clients, RowFormat format) {
    List<long[]> counts = new ArrayList<>();
    clients.forEachRemaining(
        client -> {
          if (client.size(format) > 0) {
            counts.add(new long[] {client.client(), part, client.size(format)});
          }
        });
    return counts.iterator();
  }

  int count() {
    return numbers.length;
  }

  /** The clients of a Spark partition: from this place to {@link #to}. */
  int from(int part) {
    int found = Arrays.binarySearch(parts, part);
    if (found < 0) {
      return -found - 1;
    }
    while (found > 0 && parts[found - 1] == part) {
      found--;
    }
    return found;
  }

  int to(int part) {
    return from(part + 1);
  }

  /** The Spark partitions that hold clients of a plan. */
  List<Integer> asked(RoundPlan plan) {
    return IntStream.of(plan.asked()).map(client -> parts[client]).distinct().boxed().toList();
  }

  JavaSparkContext spark() {
    return JavaSparkContext.fromSparkContext(rows.context());
  }

  @Override
  public void close() {
    rows.unpersist(false);
  }
}
