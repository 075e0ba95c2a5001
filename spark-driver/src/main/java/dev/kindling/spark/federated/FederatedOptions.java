package dev.kindling.spark.federated;

import dev.kindling.federated.Participation;
import java.util.Optional;
import org.apache.spark.SparkContext;

/**
 * How a federated run is carried out. Of these only a deadline may change the bits: by who answers.
 *
 * @param deadlineSeconds of a round, by the clocks of the machines: clients that are not done give
 *     up, and what has not arrived as long again later (five seconds at most) is not waited for; 0
 *     for none
 * @param evaluateEvery rounds
 * @param targetAccuracy on the test rows, at which the run ends; above 1 for never
 * @param checkpoints where they go, if anywhere
 * @param checkpointEvery rounds
 * @param resume whether to go on from the newest
 */
public record FederatedOptions(
    int deadlineSeconds,
    int evaluateEvery,
    double targetAccuracy,
    Optional<FederatedCheckpoints> checkpoints,
    int checkpointEvery,
    boolean resume) {
  private static final int SMALL_PARTS = 1000;

  /**
   * Spark partitions for the clients of a run, if there are as many: several a slot, so that slots
   * even out. Where a round may end before everybody has answered they are smaller, since a client
   * that hangs takes those of its partition with it.
   */
  public int mostParts(SparkContext spark, Participation participation) {
    boolean endsEarly = deadlineSeconds > 0 || participation.overSelection() > 1;
    return endsEarly ? SMALL_PARTS : 4 * spark.defaultParallelism();
  }

  /** No deadline, evaluated every round, to the last round, without checkpoints. */
  public static FederatedOptions plain() {
    return new FederatedOptions(0, 1, 2, Optional.empty(), 1, false);
  }
}
