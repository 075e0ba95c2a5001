package dev.kindling.train.table;

import java.util.Arrays;

/**
 * Keys in the order in which they came, and the place of each: an open-addressing table of int with
 * linear probing, at most two thirds full, beside the keys in pieces that never move. About 8 to 16
 * bytes a key. Not thread-safe.
 */
final class RowIndex {
  /** What {@link #find} says of a key that is not there. */
  static final int ABSENT = -1;

  private static final int SMALLEST = 64;
  private static final int PIECE_BITS = 14;
  private static final int PIECE = 1 << PIECE_BITS;

  private int[] places = new int[SMALLEST]; // place + 1; 0 where there is none
  private long[][] keys = new long[1][];
  private int size;

  int size() {
    return size;
  }

  /** The key at a place. */
  long key(int place) {
    return keys[place >>> PIECE_BITS][place & (PIECE - 1)];
  }

  /** The place of a key, or {@link #ABSENT}. */
  int find(long key) {
    return places[slot(key)] - 1;
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  private int slot(long key) {
    int mask = places.length - 1;
    int slot = (int) mix(key) & mask;
    while (places[slot] != 0 && key(places[slot] - 1) != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static long mix(long key) {
    long mixed = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
    return mixed ^ (mixed >>> 29);
  }

  /** Adds a key that is not there; returns its place. */
  int add(long key) {
    if (size >= places.length / 3 * 2) {
      grow();
    }
    int piece = size >>> PIECE_BITS;
    if (piece == keys.length) {
      keys = Arrays.copyOf(keys, 2 * piece);
    }
    if (keys[piece] == null) {
      keys[piece] = new long[PIECE];
    }
    keys[piece][size & (PIECE - 1)] = key;
    places[slotForNew(key)] = ++size;
    return size - 1;
  }

  private int slotForNew(long key) {
    int mask = places.length - 1;
    int slot = (int) mix(key) & mask;
    while (places[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    places = new int[Math.multiplyExact(places.length, 2)];
    for (int place = 0; place < size; place++) {
      places[slotForNew(key(place))] = place + 1;
    }
  }

  /** Forgets all keys, in time proportional to the most there have been. */
  void clear() {
    Arrays.fill(places, 0);
    size = 0;
  }

  /** Bytes of the arrays. */
  long bytes() {
    long pieces = (size + (long) PIECE - 1) / PIECE;
    return (long) places.length * Integer.BYTES + pieces * PIECE * Long.BYTES;
  }
}
