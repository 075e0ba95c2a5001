package dev.kindling.ps.checkpoint;

import dev.kindling.ps.shard.ShardShare;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout.Slot;
import java.util.List;
import java.util.stream.Stream;

/**
 * A part of a tensor that lies in one bucket of a share, as the share's checkpoints hold it: {@code
 * 1.weight[512:1024]} is the vector of the elements 512 to 1023 of {@code 1.weight} in row-major
 * order. What holds the whole tensor has its name and its shape.
 *
 * @param name in the file
 * @param shape in the file
 * @param from its first element in the flat vector
 * @param at the same in the arrays of the share
 * @param length elements
 */
record Piece(String name, List<Integer> shape, long from, int at, int length) {
  /** All of a tensor that a share holds, in order. */
  static Stream<Piece> of(Slot slot, Buckets buckets, ShardShare share) {
    if (share.isAll()) {
      return Stream.of(
          new Piece(
              slot.name(),
              slot.shape(),
              slot.offset(),
              Math.toIntExact(slot.offset()),
              slot.length()));
    }
    return share.stream(buckets.count(), buckets.holding(slot.offset()))
        .takeWhile(bucket -> buckets.from(bucket) < slot.end())
        .mapToObj(bucket -> of(slot, buckets, share, bucket));
  }

  private static Piece of(Slot slot, Buckets buckets, ShardShare share, int bucket) {
    long from = Math.max(slot.offset(), buckets.from(bucket));
    long to = Math.min(slot.end(), buckets.to(bucket));
    int at = share.offset(buckets, bucket) + (int) (from - buckets.from(bucket));
    int length = (int) (to - from);
    return length == slot.length()
        ? new Piece(slot.name(), slot.shape(), from, at, length)
        : new Piece(
            "%s[%d:%d]".formatted(slot.name(), from - slot.offset(), to - slot.offset()),
            List.of(length),
            from,
            at,
            length);
  }
}
