package dev.kindling.train.table;

import java.util.Arrays;

/** Rows of one length in arrays of about 64 KiB that never move. Not thread-safe. */
final class RowPieces {
  private static final int PIECE_FLOATS = 1 << 14;

  private final int length;
  private final int rowsInPiece;
  private float[][] pieces = new float[1][];

  /** No rows yet, each of that many elements. */
  RowPieces(int length) {
    this.length = length;
    rowsInPiece = Math.max(1, PIECE_FLOATS / length);
  }

  /** The array that holds a row; made when it is asked for first. */
  float[] piece(int row) {
    int piece = row / rowsInPiece;
    if (piece >= pieces.length) {
      pieces = Arrays.copyOf(pieces, Math.max(2 * pieces.length, piece + 1));
    }
    if (pieces[piece] == null) {
      pieces[piece] = new float[rowsInPiece * length];
    }
    return pieces[piece];
  }

  /** Where a row starts in its array. */
  int offset(int row) {
    return row % rowsInPiece * length;
  }

  /** Bytes that so many rows take. */
  long bytes(int rows) {
    return (rows + (long) rowsInPiece - 1) / rowsInPiece * rowsInPiece * length * Float.BYTES;
  }
}
