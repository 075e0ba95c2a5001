package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.train.table.SparseRows;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Rows are dealt evenly, each to one part, and come together again. */
class TablePartsTest {
  private static final int KEYS = 10_000;

  private static long[] keys(int kind) {
    Random random = new Random(kind);
    LongStream keys =
        switch (kind) {
          case 0 -> LongStream.range(0, KEYS);
          case 1 -> LongStream.range(-KEYS, 0).map(i -> i << 32);
          case 2 -> LongStream.range(0, KEYS).map(i -> 64 * i);
          default -> random.longs(KEYS);
        };
    return keys.sorted().distinct().toArray();
  }

  @Test
  void everyPartHasItsShareOfAnyKeys() {
    for (int count : new int[] {1, 2, 3, 8}) {
      for (int kind = 0; kind < 4; kind++) {
        int[][] places = new TableParts(count).places(keys(kind));
        assertThat(places).hasNumberOfRows(count);
        for (int[] part : places) {
          assertThat(part.length).isBetween(KEYS / count * 9 / 10, KEYS / count * 11 / 10);
        }
      }
    }
  }

  @Test
  void whatWasDealtComesTogetherAgain() {
    long[] keys = keys(3);
    float[] values = new float[2 * keys.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    SparseRows rows = new SparseRows(2, keys, values);
    for (int count = 1; count <= 5; count++) {
      List<SparseRows> dealt = new TableParts(count).deal(rows);
      assertThat(dealt).hasSize(count);
      assertThat(TableParts.join(dealt)).isEqualTo(rows);
    }
  }

  /** Checkpoints rely on it. */
  @Test
  void aRowStaysInItsPart() {
    TableParts three = new TableParts(3);
    int[] parts =
        Arrays.stream(new long[] {0, 1, 2, 3, -1, 1L << 40}).mapToInt(three::of).toArray();
    assertThat(parts).containsExactly(0, 2, 0, 0, 1, 2);
  }
}
