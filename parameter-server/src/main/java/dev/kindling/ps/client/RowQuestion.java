package dev.kindling.ps.client;

import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.PullRows;
import dev.kindling.ps.wire.Rows;
import dev.kindling.ps.wire.WireException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Consumer;

/** Rows that a worker has asked for, in as many messages as they need. Not thread-safe. */
public final class RowQuestion {
  private final int table;
  private final long version;
  private final long[] keys;
  private final int[] places;
  private final float[] into;
  private final int first;
  private final int width;
  private final int most;
  private final BitSet missing = new BitSet();

  /**
   * A question that was not sent.
   *
   * @param places where the rows of the keys belong, in rows
   * @param first number of its first message; the others follow
   */
  RowQuestion(
      int table, long version, long[] keys, int[] places, float[] into, int width, int first) {
    this.table = table;
    this.version = version;
    this.keys = keys;
    this.places = places;
    this.into = into;
    this.width = width;
    this.first = first;
    most = PullRows.most(width);
    missing.set(0, (keys.length + most - 1) / most);
  }

  int table() {
    return table;
  }

  /** How many messages it takes. */
  int pieces() {
    return (keys.length + most - 1) / most;
  }

  /** Hands out the messages that were not answered. */
  void missing(int term, Consumer<Message> outbox) {
    for (int piece = missing.nextSetBit(0); piece >= 0; piece = missing.nextSetBit(piece + 1)) {
      int from = piece * most;
      long[] part = Arrays.copyOfRange(keys, from, Math.min(keys.length, from + most));
      outbox.accept(new PullRows(term, first + piece, table, width, version, part));
    }
  }

  /** Takes an answer; returns whether nothing is missing any more. */
  boolean take(Rows answer) {
    int piece = answer.request() - first;
    if (piece >= 0 && missing.get(piece)) {
      int from = piece * most;
      int count = Math.min(keys.length - from, most);
      if (answer.rows().length != count * width) {
        throw new WireException("%s; %d rows of %d were asked for".formatted(answer, count, width));
      }
      for (int i = 0; i < count; i++) {
        System.arraycopy(answer.rows(), i * width, into, places[from + i] * width, width);
      }
      missing.clear(piece);
    }
    return missing.isEmpty();
  }
}
