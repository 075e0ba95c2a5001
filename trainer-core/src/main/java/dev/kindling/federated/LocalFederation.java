package dev.kindling.federated;

import dev.kindling.data.Slice;
import dev.kindling.train.Evaluator;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Federated averaging in one process on one thread: the same clients, tree and server as on a
 * cluster. Every distributed result is compared with its bits. Not thread-safe.
 */
public final class LocalFederation {
  private final FederatedConfig config;
  private final List<Slice> clients;
  private final List<Slice> testSlices;
  private final FederatedServer server;
  private final AskedClients asked;
  private final Evaluator evaluator;

  /**
   * A run that has not begun.
   *
   * @param clients the rows of each, in the order of their names
   * @param testSlices held-out rows; may be empty
   */
  public LocalFederation(FederatedConfig config, List<Slice> clients, List<Slice> testSlices) {
    this(config, clients, testSlices, new FederatedServer(config, clients.size()));
  }

  /** A run that goes on with a server's state. */
  public LocalFederation(
      FederatedConfig config, List<Slice> clients, List<Slice> testSlices, FederatedServer server) {
    this.config = config;
    this.clients = List.copyOf(clients);
    this.testSlices = List.copyOf(testSlices);
    this.server = server;
    asked = new AskedClients(config, clients.get(0).format());
    evaluator = new Evaluator(config.evaluation());
  }

  /** All rounds that are left. */
  public void fit() {
    while (server.round() < config.rounds()) {
      round();
    }
  }

  /** One round. */
  public RoundResult round() {
    return round(plan -> plan);
  }

  /** One round among those that {@code recorded} lets answer. */
  public RoundResult round(UnaryOperator<RoundPlan> recorded) {
    RoundPlan plan = recorded.apply(server.plan());
    Optional<UpdateSum> sum =
        plan.asked().length == 0
            ? Optional.empty()
            : UpdateSum.over(plan.tree().root(), node -> leaf(plan, node));
    return server.apply(plan, sum, asked.takeFailed());
  }

  private Optional<UpdateSum> leaf(RoundPlan plan, Node node) {
    if (!node.isLeaf()) {
      return null;
    }
    int client = plan.asked()[node.lo()];
    return asked.train(
        plan,
        node.lo(),
        () -> clients.get(client),
        server.values(),
        server.correction(client),
        () -> false);
  }

  /** Loss and accuracy on the test slices, added in their order. */
  public MetricSums evaluate() {
    MetricSums sums = new MetricSums(0, 0, 0);
    for (Slice slice : testSlices) {
      sums = sums.plus(evaluator.evaluate(server.values(), slice));
    }
    return sums;
  }

  /** The state of the run. */
  public FederatedServer server() {
    return server;
  }
}
