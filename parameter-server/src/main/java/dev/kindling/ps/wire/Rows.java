package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Rows of a table: the answer to {@link PullRows}, in its order.
 *
 * @param term of the shards
 * @param request the question's number
 * @param width elements of a row
 * @param rows one after the other
 */
public record Rows(int term, int request, int width, float[] rows) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Rows that
        && term == that.term
        && request == that.request
        && width == that.width
        && Arrays.equals(rows, that.rows);
  }

  @Override
  public int hashCode() {
    return 31 * request + Arrays.hashCode(rows);
  }

  @Override
  public String toString() {
    return "%d rows of %d for request %d".formatted(rows.length / width, width, request);
  }

  @Override
  public MessageType type() {
    return MessageType.ROWS;
  }

  @Override
  public int bodyLength() {
    return 4 * Integer.BYTES + rows.length * Float.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeIntLE(request);
    out.writeIntLE(width);
    out.writeIntLE(rows.length / width);
    RowFields.writeRows(rows, out);
  }

  static Rows decode(ByteBuf in) {
    int term = in.readIntLE();
    int request = in.readIntLE();
    int width = RowFields.readWidth(in);
    int count = RowFields.readCount(in, width, width * Float.BYTES);
    return new Rows(term, request, width, RowFields.readRows(in, count * width));
  }
}
