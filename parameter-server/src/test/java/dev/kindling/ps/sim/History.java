package dev.kindling.ps.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What led to the versions that the shards of one term hold. */
final class History {
  private record Step(int bucket, long step) {}

  private final Map<Step, Integer> incarnations = new HashMap<>();
  private final TreeMap<Long, int[]> rounds = new TreeMap<>();

  /** A bucket's step was applied, from gradients of this start of the workers alone. */
  void applied(int bucket, long step, int incarnation) {
    incarnations.put(new Step(bucket, step), incarnation);
  }

  int incarnation(int bucket, long step) {
    return incarnations.get(new Step(bucket, step));
  }

  /** The answers of these clients made a round. */
  void closed(long round, int[] clients) {
    rounds.put(round, clients.clone());
  }

  int[] clients(long round) {
    return rounds.get(round);
  }

  /** What led to a version. */
  History before(long version) {
    History earlier = new History();
    incarnations.forEach(
        (step, incarnation) -> {
          if (step.step < version) {
            earlier.incarnations.put(step, incarnation);
          }
        });
    earlier.rounds.putAll(rounds.headMap(version));
    return earlier;
  }
}
