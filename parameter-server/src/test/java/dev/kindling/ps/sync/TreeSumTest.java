package dev.kindling.ps.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.sync.GradientSum.Arrival;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leaves and larger nodes in any order, lent or the workers' own. */
class TreeSumTest {
  private static final int REPLICAS = 7;
  private static final int LENGTH = 50;

  private final ReplicaTree tree = new ReplicaTree(REPLICAS);
  private final TreeSum sum = new TreeSum(tree, LENGTH, FloatFormat.BFLOAT16, LENGTH);
  private final List<float[]> returned = new ArrayList<>();
  private final List<float[]> lent = new ArrayList<>();

  private static float[] gradient(Node node) {
    float[] values = new float[LENGTH];
    if (node.isLeaf()) {
      for (int i = 0; i < LENGTH; i++) {
        values[i] = (float) Math.sin(node.lo() * 100 + i);
      }
    } else {
      float[] left = gradient(node.left());
      float[] right = gradient(node.right());
      for (int i = 0; i < LENGTH; i++) {
        values[i] = left[i] + right[i];
      }
    }
    FloatFormat.BFLOAT16.round(values, 0, LENGTH);
    return values;
  }

  private Arrival add(Node node, boolean isLent) {
    float[] array = gradient(node);
    if (isLent) {
      lent.add(array);
    }
    int rows = node.hi() - node.lo();
    Arrival arrival = sum.add(node.lo(), node.hi(), array, 0, rows, isLent ? returned::add : null);
    if (arrival != Arrival.STORED && isLent) {
      lent.remove(lent.size() - 1);
    }
    return arrival;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theSumHasTheBitsOfTheTreeAndEveryLentArrayComesBackOnce(long seed) {
    Random random = new Random(seed);
    List<Node> nodes = new ArrayList<>();
    for (int replica = 0; replica < REPLICAS; replica++) {
      nodes.add(new Node(replica, replica + 1));
    }
    nodes.add(tree.root().left());
    nodes.add(tree.root().right());
    nodes.addAll(List.copyOf(nodes));
    Collections.shuffle(nodes, random);
    nodes.forEach(node -> add(node, random.nextInt(4) > 0));
    assertThat(sum.isComplete()).isTrue();
    assertThat(sum.weight()).isEqualTo(REPLICAS);
    assertThat(add(new Node(0, 1), true)).isEqualTo(Arrival.DUPLICATE);

    float[] into = new float[LENGTH];
    sum.add(0, LENGTH, new float[4][LENGTH], into, 0);
    float[] found = Arrays.copyOfRange(sum.sum(), sum.sumAt(), sum.sumAt() + LENGTH);
    assertThat(found).containsExactly(gradient(tree.root()));
    sum.clear();
    assertThat(returned)
        .usingElementComparator((a, b) -> a == b ? 0 : 1)
        .containsExactlyInAnyOrderElementsOf(lent);
  }
}
