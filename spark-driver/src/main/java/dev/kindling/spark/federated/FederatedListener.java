package dev.kindling.spark.federated;

import dev.kindling.federated.FederatedConfig;

/** Told how a federated run goes, on the run's own thread. */
public interface FederatedListener {
  /**
   * The clients are known and the first round is about to begin.
   *
   * @param rows of all clients
   * @param round rounds done before; 0 unless the run is resumed
   */
  default void started(FederatedConfig config, int clients, long rows, int round) {}

  /** A round is done, and evaluated if it was its turn. */
  default void roundEnded(RoundReport report) {}

  /** A checkpoint could not be written; the run goes on. */
  default void checkpointFailed(String reason) {}
}
