package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SquareTreeTest {
  private static final long SEED = 5;
  private static final int LENGTH = 5000;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final float[] vector = new float[LENGTH];

  SquareTreeTest() {
    for (int i = 0; i < LENGTH; i++) {
      vector[i] = (float) (random.nextGaussian() * Math.exp(8 * random.nextGaussian()));
    }
  }

  /** The sum over [from, to), measured in parts that end at the cuts. */
  private double sum(int from, int to, int... cuts) {
    SquareTree tree = new SquareTree();
    int at = from;
    for (int cut : cuts) {
      add(tree, at, cut);
      at = cut;
    }
    add(tree, at, to);
    return tree.sum();
  }

  private void add(SquareTree tree, int from, int to) {
    double[] nodes = new double[SquareTree.nodes(from, to)];
    assertThat(SquareTree.measure(vector, 0, from, to, nodes, 0)).isEqualTo(nodes.length);
    assertThat(tree.add(from, to, nodes, 0)).isEqualTo(nodes.length);
  }

  @Test
  void isTheSumOfSquares() {
    for (int[] range : new int[][] {{0, LENGTH}, {0, 1}, {1, 2}, {7, 7}, {3, 4099}, {16, 48}}) {
      double expected = 0;
      for (int i = range[0]; i < range[1]; i++) {
        expected += (double) vector[i] * vector[i];
      }
      assertThat(sum(range[0], range[1])).isCloseTo(expected, within(1e-12 * expected));
    }
  }

  @Test
  void anyCutsGiveTheSameBits() {
    for (int trial = 0; trial < 500; trial++) {
      int from = random.nextInt(LENGTH);
      int to = from + random.nextInt(LENGTH - from + 1);
      int[] cuts = random.ints(random.nextInt(9), from, to + 1).sorted().toArray();
      assertThat(sum(from, to, cuts))
          .as("seed %d, [%d, %d) cut at %s", SEED, from, to, java.util.Arrays.toString(cuts))
          .isEqualTo(sum(from, to));
    }
  }

  @Test
  void bucketsGiveTheSameBits() {
    for (int size = 16; size < LENGTH; size += 16) {
      SquareTree tree = new SquareTree();
      for (int at = 5; at < LENGTH; at = (at / size + 1) * size) {
        add(tree, at, Math.min(LENGTH, (at / size + 1) * size));
      }
      assertThat(tree.sum()).as("buckets of %d", size).isEqualTo(sum(5, LENGTH));
    }
  }

  /** The order is not just any: on these numbers another one has other bits. */
  @Test
  void theOrderMatters() {
    double backwards = 0;
    for (int i = LENGTH - 1; i >= 0; i--) {
      backwards += (double) vector[i] * vector[i];
    }
    assertThat(backwards).isNotEqualTo(sum(0, LENGTH));
  }

  @Test
  void aPartIsKnownByFewNodes() {
    assertThat(SquareTree.nodes(0, 1 << 20)).isEqualTo(1);
    assertThat(SquareTree.nodes(1, (1 << 18) - 1)).isEqualTo(34);
    assertThat(SquareTree.nodes(5_000_000_000L, 5_000_262_144L)).isLessThan(36);
  }

  @Test
  void whatIsNotFiniteIsSeen() {
    vector[1234] = Float.NaN;
    assertThat(sum(0, LENGTH, 1000)).isNaN();
    assertThat(sum(0, 1234)).isFinite();
    vector[1234] = Float.NEGATIVE_INFINITY;
    assertThat(sum(1000, 2000)).isInfinite();
  }

  @Test
  void isClearedForTheNextStep() {
    SquareTree tree = new SquareTree();
    add(tree, 3, 77);
    tree.clear();
    add(tree, 5, 1000);
    assertThat(tree.sum()).isEqualTo(sum(5, 1000));
  }
}
