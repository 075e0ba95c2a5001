package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaTreeTest {
  @Test
  void aNodeSplitsAfterTheLargestPowerOfTwoBelowItsSize() {
    assertThat(new Node(0, 2).split()).isEqualTo(1);
    assertThat(new Node(0, 5).split()).isEqualTo(4);
    assertThat(new Node(0, 8).split()).isEqualTo(4);
    assertThat(new Node(3, 10).split()).isEqualTo(7);
    assertThat(new Node(0, 6).left()).isEqualTo(new Node(0, 4));
    assertThat(new Node(0, 6).right()).isEqualTo(new Node(4, 6));
    assertThat(new Node(4, 5).isLeaf()).isTrue();
  }

  @Test
  void aCoverIsMadeOfWholeNodesAndNothingElse() {
    for (int replicas = 1; replicas <= 20; replicas++) {
      ReplicaTree tree = new ReplicaTree(replicas);
      for (int lo = 0; lo < replicas; lo++) {
        for (int hi = lo + 1; hi <= replicas; hi++) {
          List<Integer> covered = new ArrayList<>();
          for (Node node : tree.cover(lo, hi)) {
            assertThat(tree.contains(node.lo(), node.hi())).isTrue();
            for (int r = node.lo(); r < node.hi(); r++) {
              covered.add(r);
            }
          }
          assertThat(covered).hasSize(hi - lo).isSorted().startsWith(lo).endsWith(hi - 1);
        }
      }
    }
  }

  @Test
  void containsItsNodesOnly() {
    ReplicaTree tree = new ReplicaTree(6);
    assertThat(tree.contains(0, 6)).isTrue();
    assertThat(tree.contains(4, 6)).isTrue();
    assertThat(tree.contains(1, 3)).isFalse();
    assertThat(tree.contains(0, 5)).isFalse();
    assertThat(tree.contains(4, 7)).isFalse();
    assertThat(tree.contains(2, 2)).isFalse();
    assertThat(tree.contains(-1, 1)).isFalse();
  }

  @Test
  void sharesAreContiguousEvenAndComplete() {
    ReplicaTree tree = new ReplicaTree(7);
    for (int workers = 1; workers <= 9; workers++) {
      int at = 0;
      for (int w = 0; w < workers; w++) {
        Node share = tree.shareOf(w, workers);
        assertThat(share.lo()).isEqualTo(at);
        assertThat(share.hi() - share.lo()).isBetween(7 / workers, (7 + workers - 1) / workers);
        at = share.hi();
      }
      assertThat(at).isEqualTo(7);
    }
  }

  @Test
  void needsAReplica() {
    assertThatThrownBy(() -> new ReplicaTree(0)).hasMessage("replicas is 0; it must be at least 1");
  }
}
