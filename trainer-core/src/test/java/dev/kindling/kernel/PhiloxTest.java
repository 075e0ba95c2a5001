package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  @Test
  void knownAnswersOfThePublishedTestVectors() {
    int[] block = new int[4];
    Philox.block(0, 0, 0, 0, 0, block);
    assertThat(block).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    Philox.block(-1, -1, -1, -1, -1, block);
    assertThat(block).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    Philox.block(0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, block);
    assertThat(block).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void permutationHoldsEveryIndexOnce() {
    int[] order = new int[1000];
    new Philox(3, 1, 0).permutation(order);
    assertThat(order).doesNotHaveDuplicates();
    assertThat(order[0] == 0 && order[1] == 1 && order[2] == 2).isFalse();
  }
}
