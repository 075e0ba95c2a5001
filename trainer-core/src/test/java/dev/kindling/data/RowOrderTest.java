package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowOrderTest {
  private static final RowFormat FORMAT =
      new RowFormat(List.of(4), ElementType.UINT8, Target.label(3), Normalisation.none());

  private record Rows(List<byte[]> rows) implements Dataset {
    @Override
    public RowFormat format() {
      return FORMAT;
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public byte[] row(int index) {
      return rows.get(index);
    }
  }

  /** Rows with a few features, so that some are doubled. */
  private static List<byte[]> rows(int count) {
    Random random = new Random(5);
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = {(byte) random.nextInt(9), (byte) random.nextInt(9), 0, 1};
      rows.add(new RowEncoder(FORMAT).bytes(pixels, 0).label(random.nextInt(3)).row());
    }
    return rows;
  }

  @Test
  void slicesDoNotDependOnTheOrderOfTheInput() {
    List<byte[]> rows = rows(1001);
    List<Slice> expected = new RowOrder(1).slices(new Rows(rows), 4);
    for (int seed = 0; seed < 5; seed++) {
      List<byte[]> shuffled = new ArrayList<>(rows);
      Collections.shuffle(shuffled, new Random(seed));
      List<Slice> slices = new RowOrder(1).slices(new Rows(shuffled), 4);
      assertThat(slices).extracting(Slice::checksum).isEqualTo(checksums(expected));
    }
    assertThat(expected).extracting(Slice::size).containsExactly(251, 250, 250, 250);
  }

  @Test
  void anotherSeedGivesAnotherOrder() {
    Rows rows = new Rows(rows(100));
    assertThat(checksums(new RowOrder(1).slices(rows, 1)))
        .isNotEqualTo(checksums(new RowOrder(2).slices(rows, 1)));
  }

  @Test
  void rankAndPlaceAgreeWithTheSlices() {
    Rows rows = new Rows(rows(50));
    RowOrder order = new RowOrder(9);
    List<byte[]> ranked = order.ranked(rows);
    List<Slice> slices = order.slices(rows, 3);
    for (int rank = 0; rank < 50; rank++) {
      Slice slice = slices.get(RowOrder.replica(rank, 3));
      assertThat(slice.row(RowOrder.place(rank, 3))).isEqualTo(ranked.get(rank));
    }
    for (int rank = 1; rank < 50; rank++) {
      byte[] a = ranked.get(rank - 1);
      byte[] b = ranked.get(rank);
      assertThat(RowOrder.compare(order.hash(a), a, order.hash(b), b)).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void tiesOfTheHashAreBrokenByUnsignedBytes() {
    assertThat(RowOrder.compare(7, new byte[] {1}, 7, new byte[] {-1})).isNegative();
    assertThat(RowOrder.compare(-7, new byte[] {1}, 7, new byte[] {0})).isNegative();
  }

  @Test
  void fewerRowsThanReplicasLeaveEmptySlices() {
    List<Slice> slices = new RowOrder(0).slices(new Rows(rows(2)), 4);
    assertThat(slices).extracting(Slice::size).containsExactly(1, 1, 0, 0);
  }

  @Test
  void labelsAreSpreadEvenlyOverReplicas() {
    List<Slice> slices = new RowOrder(4).slices(new Rows(rows(9000)), 3);
    for (Slice slice : slices) {
      int[] labels = new int[3000];
      slice.gatherLabels(IntStream.range(0, 3000).toArray(), 0, 3000, labels, 0);
      for (int label = 0; label < 3; label++) {
        int wanted = label;
        assertThat(IntStream.of(labels).filter(l -> l == wanted).count()).isBetween(900L, 1100L);
      }
    }
  }

  private static List<Long> checksums(List<Slice> slices) {
    return slices.stream().map(Slice::checksum).toList();
  }
}
