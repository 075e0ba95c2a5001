package dev.kindling.spark.federated;

import dev.kindling.federated.Correction;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.RoundPlan;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * SCAFFOLD's control variates of a round on their way to the tasks: the mean to all, those of the
 * asked clients to the Spark partition that holds them and to no other. Empty for other algorithms.
 *
 * @param mean c
 * @param own c_k of each partition's asked clients, in their order; null where nobody is asked
 */
record RoundControls(Broadcast<float[]> mean, List<Broadcast<float[][]>> own)
    implements Serializable, AutoCloseable {

  /** Those of a plan whose clients lie in these places. */
  static RoundControls of(
      JavaSparkContext spark, FederatedServer server, RoundPlan plan, Node[] places) {
    Correction any = server.correction(plan.asked()[0]);
    if (any == null) {
      return new RoundControls(null, List.of());
    }
    List<Broadcast<float[][]>> own =
        Stream.of(places)
            .map(part -> part.lo() == part.hi() ? null : spark.broadcast(own(server, plan, part)))
            .toList();
    return new RoundControls(spark.broadcast(any.server().clone()), own);
  }

  private static float[][] own(FederatedServer server, RoundPlan plan, Node places) {
    return IntStream.range(places.lo(), places.hi())
        .mapToObj(place -> server.correction(plan.asked()[place]).client())
        .toArray(float[][]::new);
  }

  /** What a task needs of them. */
  Own of(int part) {
    return own.isEmpty() ? new Own(null, null) : new Own(mean.value(), own.get(part).value());
  }

  /**
   * Those of one Spark partition; both null for other algorithms than SCAFFOLD.
   *
   * @param mean c
   * @param clients c_k of the asked clients, in their order
   */
  record Own(float[] mean, float[][] clients) {
    Correction correction(int index) {
      return clients == null ? null : new Correction(mean, clients[index]);
    }
  }

  @Override
  public void close() {
    if (mean != null) {
      mean.unpersist(false);
      own.stream().filter(sent -> sent != null).forEach(sent -> sent.unpersist(false));
    }
  }
}
