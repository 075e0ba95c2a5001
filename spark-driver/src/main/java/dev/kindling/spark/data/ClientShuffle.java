package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import dev.kindling.federated.partition.ClientAssignment;
import dev.kindling.federated.partition.ClientPartition;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.RowKeys;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.Tuple2;

/**
 * Brings the rows of a client together: each client whole in one Spark partition, in ascending
 * order, its rows in the order of {@link RowOrder}.
 */
public final class ClientShuffle {
  private ClientShuffle() {}

  /**
   * Deals rows to clients by a seeded partition. Labels and hashes of all rows pass through the
   * driver, 16 bytes each.
   *
   * @param mostParts Spark partitions of the result, if there are as many clients
   */
  public static ClientSource dealt(
      RowSource source, ClientPartition partition, int clients, long seed, int mostParts) {
    RowFormat format = source.format();
    int parts = Math.max(1, Math.min(clients, mostParts));
    partition.check(format);
    RowOrder order = new RowOrder(seed);
    boolean usesLabels = partition.usesLabels();
    FlatMapFunction<Iterator<byte[]>, long[]> read =
        blocks -> List.of(keys(blocks, format, order, usesLabels)).iterator();
    RowKeys keys = joined(source.blocks().mapPartitions(read).collect());
    ClientAssignment assignment = partition.assign(keys, clients, seed);
    JavaPairRDD<Integer, byte[]> owned =
        source
            .blocks()
            .mapPartitionsToPair(
                blocks -> {
                  Iterator<byte[]> rows = new RowBlock.Rows(format.length(), blocks);
                  return mapped(
                      rows,
                      row ->
                          new Tuple2<>(
                              assignment.clientOf(
                                  ClientSlices.label(format, row, usesLabels), order.hash(row)),
                              row));
                });
    return new ClientSource(format, together(owned, format, clients, seed, parts), source.bad());
  }

  private interface Mapping<A, B> {
    B of(A value);
  }

  private static <A, B> Iterator<B> mapped(Iterator<A> from, Mapping<A, B> mapping) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return from.hasNext();
      }

      @Override
      public B next() {
        return mapping.of(from.next());
      }
    };
  }

  /** Label and hash of each row, one after the other. */
  private static long[] keys(
      Iterator<byte[]> blocks, RowFormat format, RowOrder order, boolean usesLabels) {
    LongStream.Builder keys = LongStream.builder();
    new RowBlock.Rows(format.length(), blocks)
        .forEachRemaining(
            row -> keys.add(ClientSlices.label(format, row, usesLabels)).add(order.hash(row)));
    return keys.build().toArray();
  }

  private static RowKeys joined(List<long[]> parts) {
    int rows = Math.toIntExact(parts.stream().mapToLong(part -> part.length / 2).sum());
    int[] labels = new int[rows];
    long[] hashes = new long[rows];
    int at = 0;
    for (long[] part : parts) {
      for (int i = 0; i < part.length; i += 2, at++) {
        labels[at] = (int) part[i];
        hashes[at] = part[i + 1];
      }
    }
    return new RowKeys(labels, hashes);
  }

  /**
   * Clients by the text that names them, in its order. The names pass through the driver.
   *
   * @param mostParts Spark partitions of the result, if there are as many clients
   */
  public static ClientSource grouped(NamedRows named, long seed, int mostParts) {
    String[] names = named.rows().keys().distinct().collect().toArray(String[]::new);
    Arrays.sort(names);
    JavaPairRDD<Integer, byte[]> owned =
        named.rows().mapToPair(row -> new Tuple2<>(Arrays.binarySearch(names, row._1()), row._2()));
    int parts = Math.max(1, Math.min(names.length, mostParts));
    return new ClientSource(
        named.format(),
        together(owned, named.format(), names.length, seed, parts),
        Optional.of(named.bad()));
  }

  /** Every Spark partition is a client; no row is moved. */
  public static ClientSource partitions(RowSource source, long seed) {
    RowFormat format = source.format();
    JavaRDD<ClientRows> rows =
        source
            .blocks()
            .mapPartitionsWithIndex(
                (part, own) -> List.of(alone(part, own, format, seed)).iterator(), false);
    return new ClientSource(format, rows, source.bad());
  }

  /** Brings rows to where their client is. */
  private static JavaRDD<ClientRows> together(
      JavaPairRDD<Integer, byte[]> owned, RowFormat format, int clients, long seed, int parts) {
    return owned
        .mapPartitionsToPair(ClientShuffle::blocks)
        .partitionBy(new ByRange(clients, parts))
        .mapPartitions(blocks -> clients(blocks, format, new RowOrder(seed)).iterator());
  }

  /** Rows that stand in one Spark partition, as one client's. */
  private static ClientRows alone(
      int client, Iterator<byte[]> blocks, RowFormat format, long seed) {
    List<byte[]> all = new ArrayList<>();
    new RowBlock.Rows(format.length(), blocks).forEachRemaining(all::add);
    return new ClientRows(client, sorted(all, format, new RowOrder(seed)));
  }

  /** All rows of one Spark partition that belong to a client travel together. */
  private static Iterator<Tuple2<Integer, RowBlock>> blocks(
      Iterator<Tuple2<Integer, byte[]>> rows) {
    Map<Integer, ByteArrayOutputStream> byClient = new TreeMap<>();
    rows.forEachRemaining(
        row ->
            byClient
                .computeIfAbsent(row._1(), client -> new ByteArrayOutputStream())
                .writeBytes(row._2()));
    return mapped(
        byClient.entrySet().iterator(),
        entry -> new Tuple2<>(entry.getKey(), new RowBlock(0, entry.getValue().toByteArray())));
  }

  private static List<ClientRows> clients(
      Iterator<Tuple2<Integer, RowBlock>> blocks, RowFormat format, RowOrder order) {
    Map<Integer, List<byte[]>> byClient = new TreeMap<>();
    blocks.forEachRemaining(
        block ->
            block
                ._2()
                .rows(format.length())
                .forEachRemaining(
                    row ->
                        byClient
                            .computeIfAbsent(block._1(), client -> new ArrayList<>())
                            .add(row)));
    List<ClientRows> clients = new ArrayList<>();
    byClient.forEach(
        (client, rows) -> clients.add(new ClientRows(client, sorted(rows, format, order))));
    return clients;
  }

  private record Hashed(long hash, byte[] row) {}

  private static byte[] sorted(List<byte[]> rows, RowFormat format, RowOrder order) {
    List<Hashed> hashed =
        new ArrayList<>(rows.stream().map(row -> new Hashed(order.hash(row), row)).toList());
    hashed.sort((a, b) -> RowOrder.compare(a.hash, a.row, b.hash, b.row));
    byte[] all = new byte[Math.multiplyExact(rows.size(), format.length())];
    for (int i = 0; i < hashed.size(); i++) {
      System.arraycopy(hashed.get(i).row, 0, all, i * format.length(), format.length());
    }
    return all;
  }

  /** Contiguous ranges of clients, as many in each part. */
  private static final class ByRange extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int clients;
    private final int parts;

    ByRange(int clients, int parts) {
      this.clients = clients;
      this.parts = parts;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object client) {
      return (int) ((long) (Integer) client * parts / clients);
    }
  }
}
