package dev.kindling.spark.federated;

import dev.kindling.federated.ClientFailure;
import dev.kindling.federated.UpdateSum;
import dev.kindling.train.ReplicaTree.Node;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Spark partitions have answered in a round. Not thread-safe.
 *
 * @param sums those of the tree's nodes that lie whole in a partition and were answered by somebody
 * @param failed why clients broke off, by number
 */
record RoundAnswer(HashMap<Node, UpdateSum> sums, TreeMap<Integer, ClientFailure> failed)
    implements Serializable {

  RoundAnswer() {
    this(new HashMap<>(), new TreeMap<>());
  }

  RoundAnswer(HashMap<Node, UpdateSum> sums, SortedMap<Integer, ClientFailure> failed) {
    this(sums, new TreeMap<>(failed));
  }

  /** Takes in what another partition has answered. */
  void add(RoundAnswer other) {
    sums.putAll(other.sums);
    failed.putAll(other.failed);
  }

  /** Clients whose updates are there. */
  int count() {
    return sums.values().stream().mapToInt(sum -> sum.answered().length).sum();
  }

  byte[] encode() {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(this);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what the run's own executors wrote. */
  static RoundAnswer decode(byte[] encoded) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(encoded))) {
      return (RoundAnswer) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("a round's sums cannot be read", e);
    }
  }
}
