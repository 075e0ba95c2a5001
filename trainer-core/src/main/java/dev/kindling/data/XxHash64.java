package dev.kindling.data;

import static dev.kindling.data.LittleEndian.getInt;
import static dev.kindling.data.LittleEndian.getLong;

/** Yann Collet's xxHash with 64 bits: fast, seeded, well mixed, not cryptographic. */
final class XxHash64 {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;
  private static final int STRIPE = 4 * Long.BYTES;

  private XxHash64() {}

  static long hash(byte[] bytes, int offset, int length, long seed) {
    int striped = length / STRIPE * STRIPE;
    long hash = striped > 0 ? stripes(bytes, offset, striped, seed) : seed + P5;
    return avalanche(tail(hash + length, bytes, offset + striped, offset + length));
  }

  private static long stripes(byte[] bytes, int from, int length, long seed) {
    long a = seed + P1 + P2;
    long b = seed + P2;
    long c = seed;
    long d = seed - P1;
    for (int at = from; at < from + length; at += STRIPE) {
      a = round(a, getLong(bytes, at));
      b = round(b, getLong(bytes, at + 8));
      c = round(c, getLong(bytes, at + 16));
      d = round(d, getLong(bytes, at + 24));
    }
    long hash =
        Long.rotateLeft(a, 1)
            + Long.rotateLeft(b, 7)
            + Long.rotateLeft(c, 12)
            + Long.rotateLeft(d, 18);
    return merge(merge(merge(merge(hash, a), b), c), d);
  }

  private static long tail(long start, byte[] bytes, int from, int end) {
    long hash = start;
    int at = from;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      hash = Long.rotateLeft(hash ^ round(0, getLong(bytes, at)), 27) * P1 + P4;
    }
    if (end - at >= Integer.BYTES) {
      long word = Integer.toUnsignedLong(getInt(bytes, at));
      hash = Long.rotateLeft(hash ^ word * P1, 23) * P2 + P3;
      at += Integer.BYTES;
    }
    for (; at < end; at++) {
      hash = Long.rotateLeft(hash ^ (bytes[at] & 0xff) * P5, 11) * P1;
    }
    return hash;
  }

  private static long round(long accumulator, long lane) {
    return Long.rotateLeft(accumulator + lane * P2, 31) * P1;
  }

  private static long merge(long hash, long accumulator) {
    return (hash ^ round(0, accumulator)) * P1 + P4;
  }

  private static long avalanche(long start) {
    long hash = (start ^ start >>> 33) * P2;
    hash = (hash ^ hash >>> 29) * P3;
    return hash ^ hash >>> 32;
  }
}
