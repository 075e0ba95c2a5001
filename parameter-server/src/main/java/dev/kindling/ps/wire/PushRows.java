package dev.kindling.ps.wire;

import dev.kindling.train.table.SparseRows;
import io.netty.buffer.ByteBuf;

/**
 * A piece of the sums of a table's gradients over the replicas [lo, hi).
 *
 * @param incarnation the worker's
 * @param term of the shards
 * @param step counted from zero
 * @param table which, in the order of the run
 * @param lo first replica
 * @param hi one past the last
 * @param weight samples, or the sum of their weights
 * @param piece which of the {@code pieces}, from zero; keys ascend from one to the next
 * @param pieces at least 1: a replica without a row sends an empty one
 * @param rows at most {@link PullRows#most}
 */
public record PushRows(
    int incarnation,
    int term,
    long step,
    int table,
    int lo,
    int hi,
    double weight,
    int piece,
    int pieces,
    SparseRows rows)
    implements Message {

  /** How many messages carry so many rows. */
  public static int pieces(SparseRows rows) {
    int most = RowFields.most(rows.width());
    return Math.max(1, (rows.keys().length + most - 1) / most);
  }

  /** What one of {@link #pieces} carries. */
  public static SparseRows piece(SparseRows rows, int piece) {
    int most = RowFields.most(rows.width());
    return rows.part(piece * most, Math.min(rows.keys().length, (piece + 1) * most));
  }

  @Override
  public MessageType type() {
    return MessageType.PUSH_ROWS;
  }

  @Override
  public int bodyLength() {
    int each = Long.BYTES + rows.width() * Float.BYTES;
    return 9 * Integer.BYTES + 2 * Long.BYTES + rows.keys().length * each;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(incarnation);
    out.writeIntLE(term);
    out.writeLongLE(step);
    out.writeIntLE(table);
    out.writeIntLE(lo);
    out.writeIntLE(hi);
    out.writeDoubleLE(weight);
    out.writeIntLE(piece);
    out.writeIntLE(pieces);
    out.writeIntLE(rows.width());
    out.writeIntLE(rows.keys().length);
    RowFields.writeKeys(rows.keys(), out);
    RowFields.writeRows(rows.values(), out);
  }

  static PushRows decode(ByteBuf in) {
    int incarnation = in.readIntLE();
    int term = in.readIntLE();
    long step = in.readLongLE();
    int table = in.readIntLE();
    int lo = in.readIntLE();
    int hi = in.readIntLE();
    double weight = in.readDoubleLE();
    int piece = in.readIntLE();
    int pieces = in.readIntLE();
    if (piece < 0 || piece >= pieces) {
      throw new WireException("piece %d of %d".formatted(piece, pieces));
    }
    return new PushRows(
        incarnation, term, step, table, lo, hi, weight, piece, pieces, readRows(in));
  }

  private static SparseRows readRows(ByteBuf in) {
    int width = RowFields.readWidth(in);
    int count = RowFields.readCount(in, width, Long.BYTES + width * Float.BYTES);
    long[] keys = RowFields.readKeys(in, count);
    return new SparseRows(width, keys, RowFields.readRows(in, count * width));
  }
}
