package dev.kindling.spark.federated;

import dev.kindling.federated.RoundPlan;
import java.util.SortedMap;

/**
 * Who answered in the rounds of a run: among those alone they have the same bits again, whoever was
 * late then.
 *
 * @param answered the clients' numbers, ascending, by round, counted from one
 */
public record RecordedRounds(SortedMap<Integer, int[]> answered) {

  /**
   * A plan of which those answer that answered then.
   *
   * @throws IllegalArgumentException where that is not known
   */
  RoundPlan of(RoundPlan plan) {
    int[] clients = answered.get(plan.round() + 1);
    if (clients == null) {
      throw new IllegalArgumentException(
          "round %d is not among the recorded ones (%d rounds); set federated.rounds to what was recorded"
              .formatted(plan.round() + 1, answered.size()));
    }
    return plan.answeredBy(clients);
  }
}
