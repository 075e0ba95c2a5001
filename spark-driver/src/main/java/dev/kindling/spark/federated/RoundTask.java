package dev.kindling.spark.federated;

import dev.kindling.federated.ClientTrainer;
import dev.kindling.federated.Correction;
import dev.kindling.federated.UpdateSum;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.train.ReplicaTree.Node;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One Spark partition's share of a round: trains the asked clients one after the other, as they
 * stream by, and adds their updates along the tree. Only the sums of whole nodes leave it. Used
 * once.
 */
final class RoundTask {
  private final WorkOrder order;
  private final float[] values;
  private final float[][] controls;
  private final Node places;
  private final ClientTrainer trainer;
  private final Iterator<ClientRows> clients;

  /**
   * A task that has not begun.
   *
   * @param values the server's flat vector
   * @param controls SCAFFOLD's: the mean, then one for each asked client; empty for others
   */
  RoundTask(
      WorkOrder order, float[] values, float[][] controls, int part, Iterator<ClientRows> clients) {
    this.order = order;
    this.values = values;
    this.controls = controls;
    this.clients = clients;
    places = order.places()[part];
    trainer = new ClientTrainer(order.config(), order.format());
  }

  /** The sums of the nodes that lie whole in this partition, each answered by somebody. */
  static Iterator<byte[]> run(
      WorkOrder order, float[] values, float[][] controls, int part, Iterator<ClientRows> clients) {
    Node places = order.places()[part];
    if (places.lo() == places.hi()) {
      return List.<byte[]>of().iterator();
    }
    RoundTask task = new RoundTask(order, values, controls, part, clients);
    return List.of(encode(task.sums())).iterator();
  }

  private HashMap<Node, UpdateSum> sums() {
    HashMap<Node, UpdateSum> sums = new HashMap<>();
    for (Node node : order.plan().tree().cover(places.lo(), places.hi())) {
      UpdateSum.over(node, this::leaf).ifPresent(sum -> sums.put(node, sum));
    }
    return sums;
  }

  private Optional<UpdateSum> leaf(Node node) {
    if (!node.isLeaf()) {
      return null;
    }
    int place = node.lo();
    int client = order.plan().asked()[place];
    if (!order.plan().answers()[place] || order.isTooLate()) {
      return Optional.empty();
    }
    Correction correction =
        controls.length == 0 ? null : new Correction(controls[0], controls[1 + place]);
    return trainer.train(
        order.plan().round(),
        client,
        rowsOf(order.numbers()[client]).slice(order.format()),
        values,
        correction,
        order::isTooLate);
  }

  /** Places are visited in ascending order, and so are the clients of a partition. */
  private ClientRows rowsOf(int number) {
    while (clients.hasNext()) {
      ClientRows rows = clients.next();
      if (rows.client() == number) {
        return rows;
      }
    }
    throw new IllegalStateException(
        "client %d is not in its Spark partition any more: its source gives other rows than at first"
            .formatted(number));
  }

  private static byte[] encode(HashMap<Node, UpdateSum> sums) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(sums);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what the run's own executors wrote. */
  @SuppressWarnings("unchecked")
  static Map<Node, UpdateSum> decode(byte[] encoded) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(encoded))) {
      return (Map<Node, UpdateSum>) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("a round's sums cannot be read", e);
    }
  }
}
