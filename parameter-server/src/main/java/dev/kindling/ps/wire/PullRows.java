package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A worker asks for rows of a table.
 *
 * @param term of the shards it joined
 * @param request comes back with the answer
 * @param table which, in the order of the run
 * @param width elements of a row, as the worker sees it
 * @param version which version
 * @param keys at most {@link #most}, in any order
 */
public record PullRows(int term, int request, int table, int width, long version, long[] keys)
    implements Message {
  /** The most rows of a width that one message asks for. */
  public static int most(int width) {
    return RowFields.most(width);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PullRows that
        && term == that.term
        && request == that.request
        && table == that.table
        && width == that.width
        && version == that.version
        && Arrays.equals(keys, that.keys);
  }

  @Override
  public int hashCode() {
    return 31 * request + Arrays.hashCode(keys);
  }

  @Override
  public String toString() {
    return "pull %d rows of table %d, version %d".formatted(keys.length, table, version);
  }

  @Override
  public MessageType type() {
    return MessageType.PULL_ROWS;
  }

  @Override
  public int bodyLength() {
    return 5 * Integer.BYTES + Long.BYTES + keys.length * Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeIntLE(request);
    out.writeIntLE(table);
    out.writeIntLE(width);
    out.writeLongLE(version);
    out.writeIntLE(keys.length);
    RowFields.writeKeys(keys, out);
  }

  static PullRows decode(ByteBuf in) {
    int term = in.readIntLE();
    int request = in.readIntLE();
    int table = in.readIntLE();
    int width = RowFields.readWidth(in);
    long version = in.readLongLE();
    int count = RowFields.readCount(in, width, Long.BYTES);
    return new PullRows(term, request, table, width, version, RowFields.readKeys(in, count));
  }
}
