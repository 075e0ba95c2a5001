package dev.kindling.spark.federated;

import java.util.Optional;

/**
 * How a federated run is carried out. Of these only a deadline may change the bits: by who answers.
 *
 * @param deadlineSeconds of a round, by the clocks of the machines: clients that are not done give
 *     up; 0 for none
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

  /** No deadline, evaluated every round, to the last round, without checkpoints. */
  public static FederatedOptions plain() {
    return new FederatedOptions(0, 1, 2, Optional.empty(), 1, false);
  }
}
