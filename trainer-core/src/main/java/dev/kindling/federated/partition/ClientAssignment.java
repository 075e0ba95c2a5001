package dev.kindling.federated.partition;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which client a row belongs to: the rows in the order of (label, hash), cut into intervals, each
 * of one client. So a row's client follows from its content, wherever the row stands; equal rows go
 * to the same client. Immutable; the arrays are not to be changed.
 *
 * @param usesLabels false where rows are ordered by their hash alone
 * @param labels label of each interval's first row
 * @param hashes its hash
 * @param clients whose the interval is
 */
public record ClientAssignment(boolean usesLabels, int[] labels, long[] hashes, int[] clients)
    implements Serializable {

  /** The client of a row. */
  public int clientOf(int label, long hash) {
    int key = usesLabels ? label : 0;
    int lo = 0;
    int hi = clients.length - 1;
    while (lo < hi) {
      int middle = (lo + hi + 1) >>> 1;
      if (labels[middle] < key || labels[middle] == key && hashes[middle] <= hash) {
        lo = middle;
      } else {
        hi = middle - 1;
      }
    }
    return clients[lo];
  }

  /** Cuts ordered keys. Not thread-safe. */
  static final class Builder {
    private final RowKeys ordered;
    private final boolean usesLabels;
    private final List<int[]> intervals = new ArrayList<>();

    Builder(RowKeys ordered, boolean usesLabels) {
      this.ordered = ordered;
      this.usesLabels = usesLabels;
    }

    /** The rows from one place to the next cut; an interval without rows is left out. */
    Builder add(long from, long to, int client) {
      if (from < to) {
        intervals.add(new int[] {Math.toIntExact(from), client});
      }
      return this;
    }

    ClientAssignment build() {
      int[] labels = intervals.stream().mapToInt(i -> ordered.labels()[i[0]]).toArray();
      long[] hashes = intervals.stream().mapToLong(i -> ordered.hashes()[i[0]]).toArray();
      int[] clients = intervals.stream().mapToInt(i -> i[1]).toArray();
      return new ClientAssignment(usesLabels, labels, hashes, clients);
    }
  }
}
