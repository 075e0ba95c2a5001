package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
  @Test
  void everyEpochIsAPermutation() {
    EpochOrder order = new EpochOrder(1, 0, 1000);
    for (int epoch = 0; epoch < 5; epoch++) {
      int[] sorted = order.at(epoch).clone();
      Arrays.sort(sorted);
      assertThat(sorted).isEqualTo(IntStream.range(0, 1000).toArray());
    }
  }

  @Test
  void seedEpochAndReplicaDecideAlone() {
    EpochOrder order = new EpochOrder(7, 3, 50);
    int[] second = order.at(1).clone();
    assertThat(order.at(0)).isNotEqualTo(second);
    assertThat(order.at(1)).isEqualTo(second);
    assertThat(new EpochOrder(7, 3, 50).at(1)).isEqualTo(second);
    assertThat(new EpochOrder(7, 2, 50).at(1)).isNotEqualTo(second);
    assertThat(new EpochOrder(8, 3, 50).at(1)).isNotEqualTo(second);
  }

  @Test
  void everyOrderOfThreeComesUpAboutAsOften() {
    int[] counts = new int[27];
    Set<Integer> seen = new HashSet<>();
    EpochOrder order = new EpochOrder(5, 0, 3);
    for (int epoch = 0; epoch < 6000; epoch++) {
      int[] o = order.at(epoch);
      int code = o[0] * 9 + o[1] * 3 + o[2];
      seen.add(code);
      counts[code]++;
    }
    assertThat(seen).hasSize(6);
    assertThat(seen).allSatisfy(code -> assertThat(counts[code]).isBetween(850, 1150));
  }

  @Test
  void anEmptySliceHasAnEmptyOrder() {
    assertThat(new EpochOrder(1, 0, 0).at(3)).isEmpty();
  }
}
