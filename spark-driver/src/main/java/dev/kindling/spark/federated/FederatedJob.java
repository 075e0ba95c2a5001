package dev.kindling.spark.federated;

import dev.kindling.data.RowFormat;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.FederatedSnapshot;
import dev.kindling.federated.RoundPlan;
import dev.kindling.federated.RoundResult;
import dev.kindling.federated.UpdateSum;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/**
 * Federated averaging on a cluster. A round is one Spark job: each Spark partition trains the asked
 * clients it holds, one after the other, and answers with the sums of the tree's nodes that lie
 * whole in it; the driver completes the tree. Spark computes a lost task again, to the same bits.
 * Used once.
 */
public final class FederatedJob {
  private final FederatedConfig config;
  private final FederatedOptions options;
  private final List<FederatedListener> listeners;
  private volatile boolean isInterrupted;

  /** A run that has not begun. */
  public FederatedJob(
      FederatedConfig config, FederatedOptions options, List<FederatedListener> listeners) {
    this.config = config;
    this.options = options;
    this.listeners = List.copyOf(listeners);
  }

  /** Asks the run to end after its round, with a checkpoint. From any thread. */
  public void interrupt() {
    isInterrupted = true;
  }

  /**
   * All rounds.
   *
   * @param rows each client's rows, whole in one Spark partition
   * @param test rows to evaluate on, if any
   * @return the flat vector of the trained parameters
   */
  public float[] run(RowFormat format, JavaRDD<ClientRows> rows, Optional<RowSource> test) {
    try (Clients clients = Clients.of(format, rows)) {
      FederatedServer server = server(clients.count());
      tell(l -> l.started(config, clients.count(), clients.totalRows(), server.round()));
      rounds(clients, server, test.map(source -> TestRows.of(config, source)));
      return server.values();
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoints cannot be read: " + e.getMessage(), e);
    }
  }

  private void tell(Consumer<FederatedListener> event) {
    listeners.forEach(event);
  }

  private FederatedServer server(int clients) throws IOException {
    Optional<FederatedSnapshot> kept =
        options.resume() && options.checkpoints().isPresent()
            ? options.checkpoints().get().newest()
            : Optional.empty();
    if (kept.isPresent() && kept.get().clients() != clients) {
      throw new TrainingException(
          Kind.WORKER,
          "the checkpoint is of a run with %d clients; the data have %d"
              .formatted(kept.get().clients(), clients),
          null);
    }
    return kept.map(snapshot -> FederatedServer.of(config, clients, snapshot))
        .orElseGet(() -> new FederatedServer(config, clients));
  }

  private void rounds(Clients clients, FederatedServer server, Optional<TestRows> test) {
    Broadcast<float[]> values = broadcast(clients, server);
    boolean isReached = false;
    while (server.round() < config.rounds() && !isReached) {
      long start = System.nanoTime();
      RoundResult result = round(clients, server, values);
      double seconds = (System.nanoTime() - start) / 1e9;
      values.unpersist(false);
      requireFinite(server, result);
      values = broadcast(clients, server);
      MetricSums accuracy = evaluated(test, values, result.round());
      tell(listener -> listener.roundEnded(new RoundReport(result, accuracy, seconds)));
      isReached = accuracy.accuracy() >= options.targetAccuracy();
      keep(server, isReached);
    }
    values.unpersist(false);
  }

  /** A copy: the server's own array changes. */
  private static Broadcast<float[]> broadcast(Clients clients, FederatedServer server) {
    return clients.spark().broadcast(server.values().clone());
  }

  private RoundResult round(Clients clients, FederatedServer server, Broadcast<float[]> values) {
    RoundPlan plan = server.plan();
    if (plan.asked().length == 0) {
      return server.apply(plan, Optional.empty(), Collections.emptySortedMap());
    }
    WorkOrder order = order(clients, plan);
    Broadcast<float[][]> controls = clients.spark().broadcast(controls(server, plan));
    List<byte[]> answers =
        clients
            .rows()
            .mapPartitionsWithIndex(
                (part, rows) -> RoundTask.run(order, values.value(), controls.value(), part, rows),
                false)
            .collect();
    controls.unpersist(false);
    Map<Node, UpdateSum> sums = new HashMap<>();
    answers.forEach(answer -> sums.putAll(RoundTask.decode(answer)));
    return server.apply(
        plan,
        UpdateSum.over(plan.tree().root(), node -> known(node, sums)),
        Collections.emptySortedMap());
  }

  /** A sum that arrived; nothing for a single client without one; null to look below. */
  private static Optional<UpdateSum> known(Node node, Map<Node, UpdateSum> sums) {
    UpdateSum sum = sums.get(node);
    if (sum != null) {
      return Optional.of(sum);
    }
    return node.isLeaf() ? Optional.empty() : null;
  }

  private WorkOrder order(Clients clients, RoundPlan plan) {
    Node[] places = new Node[clients.rows().getNumPartitions()];
    for (int part = 0; part < places.length; part++) {
      places[part] = plan.places(clients.from(part), clients.to(part));
    }
    long deadline =
        options.deadlineSeconds() == 0
            ? WorkOrder.NO_DEADLINE
            : System.currentTimeMillis() + 1000L * options.deadlineSeconds();
    return new WorkOrder(config, clients.format(), plan, clients.numbers(), places, deadline);
  }

  private float[][] controls(FederatedServer server, RoundPlan plan) {
    if (!config.algorithm().hasControls()) {
      return new float[0][];
    }
    int[] asked = plan.asked();
    float[][] controls = new float[1 + asked.length][];
    controls[0] = server.correction(asked[0]).server();
    for (int i = 0; i < asked.length; i++) {
      controls[1 + i] = server.correction(asked[i]).client();
    }
    return controls;
  }

  private static void requireFinite(FederatedServer server, RoundResult result) {
    float[] values = server.values();
    float sum = 0;
    for (float value : values) {
      sum += value * 0; // NaN and infinity stay
    }
    if (sum != 0) {
      throw new TrainingException(
          Kind.DIVERGED,
          "the parameters are not finite after round %d; lower optimizer.lr or federated.server.lr"
              .formatted(result.round()),
          null);
    }
  }

  private MetricSums evaluated(Optional<TestRows> test, Broadcast<float[]> values, int round) {
    boolean isTurn = round % options.evaluateEvery() == 0 || round == config.rounds();
    return test.isPresent() && isTurn ? test.get().evaluate(values) : new MetricSums(0, 0, 0);
  }

  private void keep(FederatedServer server, boolean isLast) {
    boolean isDone = isLast || server.round() == config.rounds();
    if (isDone || isInterrupted || server.round() % options.checkpointEvery() == 0) {
      options.checkpoints().ifPresent(kept -> write(kept, server));
    }
    if (isInterrupted && !isDone) {
      throw new TrainingException(
          Kind.INTERRUPTED, "interrupted after round " + server.round(), null);
    }
  }

  private void write(FederatedCheckpoints checkpoints, FederatedServer server) {
    try {
      checkpoints.write(server.snapshot());
    } catch (IOException e) {
      tell(listener -> listener.checkpointFailed(e.getMessage()));
    }
  }
}
