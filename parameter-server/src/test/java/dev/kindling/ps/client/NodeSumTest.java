package dev.kindling.ps.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeSumTest {
  private static final long SEED = 7;

  private static String plain(Node node) {
    return node.isLeaf()
        ? String.valueOf(node.lo())
        : "(" + plain(node.left()) + "+" + plain(node.right()) + ")";
  }

  /** Cuts a node into nodes below it. */
  private static void cut(Node node, Random random, List<Node> parts) {
    if (node.isLeaf() || random.nextInt(3) == 0) {
      parts.add(node);
    } else {
      cut(node.left(), random, parts);
      cut(node.right(), random, parts);
    }
  }

  @Test
  void partsInAnyOrderMakeTheTreesSum() {
    Random random = new Random(SEED);
    for (int run = 0; run < 2_000; run++) {
      int lo = random.nextInt(9);
      int hi = lo + 1 + random.nextInt(13);
      List<Node> nodes = new ReplicaTree(hi).cover(lo, hi);
      Node whole = nodes.get(random.nextInt(nodes.size()));
      NodeSum<String> sum = new NodeSum<>(whole, (left, right) -> "(" + left + "+" + right + ")");
      List<Node> parts = new ArrayList<>();
      cut(whole, random, parts);
      for (int step = 0; step < 2; step++) {
        Collections.shuffle(parts, random);
        assertAdds(sum, whole, parts);
      }
    }
  }

  private static void assertAdds(NodeSum<String> sum, Node whole, List<Node> parts) {
    for (int i = 0; i < parts.size(); i++) {
      Node part = parts.get(i);
      String added = sum.add(part.lo(), part.hi(), plain(part), part.hi() - part.lo());
      String expected = i == parts.size() - 1 ? plain(whole) : null;
      assertThat(added).as("seed %d, %s of %s", SEED, parts, whole).isEqualTo(expected);
    }
    assertThat(sum.weight()).isEqualTo(whole.hi() - whole.lo());
  }

  @Test
  void whatWasForgottenIsNotAdded() {
    NodeSum<String> sum = new NodeSum<>(new Node(0, 2), (left, right) -> left + right);
    assertThat(sum.add(0, 1, "old", 1)).isNull();
    sum.forget();
    assertThat(sum.add(0, 1, "a", 1)).isNull();
    assertThat(sum.add(1, 2, "b", 1)).isEqualTo("ab");
  }
}
