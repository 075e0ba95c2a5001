package dev.kindling.spark.federated;

import dev.kindling.federated.AskedClients;
import dev.kindling.federated.UpdateSum;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.train.ReplicaTree.Node;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.TaskContext;

/**
 * One Spark partition's share of a round: trains the asked clients one after the other, as they
 * stream by, and adds their updates along the tree. Only the sums of whole nodes leave it. Used
 * once.
 */
final class RoundTask {
  private final WorkOrder order;
  private final float[] values;
  private final RoundControls.Own controls;
  private final Node places;
  private final AskedClients asked;
  private final Iterator<ClientRows> clients;

  /**
   * A task that has not begun.
   *
   * @param values the server's flat vector
   * @param controls SCAFFOLD's, of the asked clients of this partition
   */
  RoundTask(
      WorkOrder order,
      float[] values,
      RoundControls.Own controls,
      int part,
      Iterator<ClientRows> clients) {
    this.order = order;
    this.values = values;
    this.controls = controls;
    this.clients = clients;
    places = order.places()[part];
    asked = new AskedClients(order.config(), order.format());
  }

  /** The sums of the nodes that lie whole in this partition, each answered by somebody. */
  RoundAnswer answer() {
    HashMap<Node, UpdateSum> sums = new HashMap<>();
    for (Node node : order.plan().tree().cover(places.lo(), places.hi())) {
      UpdateSum.over(node, this::leaf).ifPresent(sum -> sums.put(node, sum));
    }
    return new RoundAnswer(sums, asked.takeFailed());
  }

  private Optional<UpdateSum> leaf(Node node) {
    if (!node.isLeaf()) {
      return null;
    }
    int place = node.lo();
    int client = order.plan().asked()[place];
    return asked.train(
        order.plan(),
        place,
        () -> rowsOf(order.numbers()[client]).slice(order.format()),
        values,
        controls.correction(place - places.lo()),
        this::isTooLate);
  }

  /** Nobody waits for a task that was cancelled, either. */
  private boolean isTooLate() {
    return order.isTooLate() || TaskContext.get().isInterrupted();
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
}
