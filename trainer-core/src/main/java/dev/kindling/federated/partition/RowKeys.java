package dev.kindling.federated.partition;

import java.util.Arrays;

/**
 * What a partitioner knows of every row: its label and a hash of its content. In any order; the
 * arrays are shared.
 *
 * @param labels the class of each row
 * @param hashes of each row's bytes
 */
public record RowKeys(int[] labels, long[] hashes) {

  /** Number of rows. */
  public int size() {
    return hashes.length;
  }

  /** All keys by hash alone, with label zero. */
  RowKeys byHash() {
    long[] sorted = hashes.clone();
    Arrays.sort(sorted);
    return new RowKeys(new int[sorted.length], sorted);
  }

  /** All keys by label, then by hash. */
  RowKeys byLabel() {
    int classes = Arrays.stream(labels).max().orElse(-1) + 1;
    int[] ends = new int[classes + 1];
    for (int label : labels) {
      ends[label + 1]++;
    }
    Arrays.parallelPrefix(ends, Integer::sum);
    long[] sorted = new long[size()];
    int[] sortedLabels = new int[size()];
    int[] at = ends.clone();
    for (int i = 0; i < size(); i++) {
      sorted[at[labels[i]]++] = hashes[i];
    }
    for (int label = 0; label < classes; label++) {
      Arrays.sort(sorted, ends[label], ends[label + 1]);
      Arrays.fill(sortedLabels, ends[label], ends[label + 1], label);
    }
    return new RowKeys(sortedLabels, sorted);
  }
}
