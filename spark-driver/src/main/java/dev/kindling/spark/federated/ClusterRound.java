package dev.kindling.spark.federated;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.RoundPlan;
import dev.kindling.federated.RoundResult;
import dev.kindling.federated.UpdateSum;
import dev.kindling.kernel.Philox;
import dev.kindling.train.ReplicaTree.Node;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A round on a cluster: one Spark job over the partitions that hold asked clients. It ends when
 * everybody has answered or given up; where more were asked than are wanted, when as many as are
 * wanted have answered; and at the deadline in any case.
 *
 * @param config of the run
 * @param clients where they are
 * @param deadlineSeconds of a round; 0 for none
 * @param recorded who is to answer, and is waited for, where rounds are repeated
 */
record ClusterRound(
    FederatedConfig config,
    Clients clients,
    int deadlineSeconds,
    Optional<RecordedRounds> recorded) {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterRound.class);
  private static final int SLOTS = 15 << 24;
  private static final Duration LONGEST = Duration.ofDays(365);

  /** For answers of clients that met the deadline and are on their way, at most. */
  private static final int GRACE_SECONDS = 5;

  /** Moves the server's parameters by one round; {@code values} is what they are. */
  RoundResult run(FederatedServer server, Broadcast<float[]> values) {
    RoundPlan drawn = server.plan();
    RoundPlan plan = recorded.map(rounds -> rounds.of(drawn)).orElse(drawn);
    RoundAnswer answer =
        plan.asked().length == 0 ? new RoundAnswer() : answer(server, plan, values);
    log(plan, answer);
    Optional<UpdateSum> sum = UpdateSum.over(plan.tree().root(), node -> known(node, answer));
    return server.apply(plan, sum, answer.failed());
  }

  /** A sum that arrived; nothing for a single client without one; null to look below. */
  private static Optional<UpdateSum> known(Node node, RoundAnswer answer) {
    UpdateSum sum = answer.sums().get(node);
    if (sum != null) {
      return Optional.of(sum);
    }
    return node.isLeaf() ? Optional.empty() : null;
  }

  private RoundAnswer answer(FederatedServer server, RoundPlan plan, Broadcast<float[]> values) {
    WorkOrder order = order(plan);
    try (RoundControls controls = RoundControls.of(clients.spark(), server, plan, order.places())) {
      JavaRDD<byte[]> answers =
          clients
              .rows()
              .mapPartitionsWithIndex(
                  (part, rows) -> {
                    RoundTask task =
                        new RoundTask(order, values.value(), controls.of(part), part, rows);
                    return List.of(task.answer().encode()).iterator();
                  },
                  false);
      return new RoundJob(answers, parts(plan)).run(enough(plan), limit());
    }
  }

  private WorkOrder order(RoundPlan plan) {
    Node[] places = new Node[clients.rows().getNumPartitions()];
    for (int part = 0; part < places.length; part++) {
      places[part] = plan.places(clients.from(part), clients.to(part));
    }
    long deadline =
        deadlineSeconds == 0 || recorded.isPresent()
            ? WorkOrder.NO_DEADLINE
            : System.currentTimeMillis() + 1000L * deadlineSeconds;
    return new WorkOrder(config, clients.format(), plan, clients.numbers(), places, deadline);
  }

  /** In an order of the round's own: else low numbers would get a slot, and be in time, first. */
  private List<Integer> parts(RoundPlan plan) {
    List<Integer> parts = clients.asked(plan);
    int[] order = new int[parts.size()];
    new Philox(config.seed(), SLOTS, plan.round()).permutation(order);
    return IntStream.of(order).mapToObj(parts::get).toList();
  }

  private int enough(RoundPlan plan) {
    return recorded.isEmpty() && config.participation().overSelection() > 1
        ? config.participation().wanted(clients.count())
        : plan.asked().length;
  }

  private Duration limit() {
    return deadlineSeconds == 0 || recorded.isPresent()
        ? LONGEST
        : Duration.ofSeconds(deadlineSeconds + Math.min(deadlineSeconds, GRACE_SECONDS));
  }

  /** With privacy nobody is to know who took part. */
  private void log(RoundPlan plan, RoundAnswer answer) {
    int round = plan.round() + 1;
    if (config.clientPrivacy().isEmpty()) {
      answer
          .failed()
          .forEach(
              (client, why) -> LOG.warn("round {}: client {} dropped: {}", round, client, why));
    } else if (!answer.failed().isEmpty()) {
      LOG.warn("round {}: clients dropped: {}", round, answer.failed().values().iterator().next());
    }
  }
}
