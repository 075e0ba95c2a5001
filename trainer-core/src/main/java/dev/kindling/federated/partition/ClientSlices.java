package dev.kindling.federated.partition;

import dev.kindling.data.Dataset;
import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;

/** Clients made of a data set in this process. */
public final class ClientSlices {
  private ClientSlices() {}

  /** The class label of an encoded row; 0 where rows have none. */
  public static int label(RowFormat format, byte[] row, boolean usesLabels) {
    return usesLabels
        ? ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN).getInt(format.targetOffset())
        : 0;
  }

  /** The rows of every client that has any, each in the order of {@link RowOrder}. */
  public static List<Slice> of(Dataset data, ClientPartition partition, int clients, long seed) {
    partition.check(data.format());
    RowOrder order = new RowOrder(seed);
    List<byte[]> rows = order.ranked(data);
    boolean usesLabels = partition.usesLabels();
    int[] labels = rows.stream().mapToInt(r -> label(data.format(), r, usesLabels)).toArray();
    long[] hashes = rows.stream().mapToLong(order::hash).toArray();
    ClientAssignment assignment = partition.assign(new RowKeys(labels, hashes), clients, seed);
    List<SliceBuilder> builders =
        Stream.generate(() -> new SliceBuilder(data.format())).limit(clients).toList();
    for (int i = 0; i < labels.length; i++) {
      builders.get(assignment.clientOf(labels[i], hashes[i])).append(rows.get(i));
    }
    return builders.stream().map(SliceBuilder::build).filter(slice -> slice.size() > 0).toList();
  }
}
