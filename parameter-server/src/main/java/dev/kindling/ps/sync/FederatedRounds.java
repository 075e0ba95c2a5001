package dev.kindling.ps.sync;

import java.util.function.LongSupplier;

/**
 * A step is a round (McMahan et al., 2017; Bonawitz et al., 2019): some clients are asked, and the
 * optimizer takes one step along the weighted mean of what those bring that answer in time:
 *
 * <pre>g = sum_k w_k (x - y_k) / sum_k w_k        x the server's values, y_k those of client k
 * </pre>
 *
 * <p>SGD with a rate of 1 is federated averaging. The run's replicas are its clients.
 *
 * @param sampler who is asked in which round
 * @param enough the round ends when so many have answered; those who come later do not count
 * @param fewest with fewer answers at the end, the round changes nothing
 * @param deadlineNanos the round ends so long after it began
 * @param nanoTime the clock of the deadline, e.g. {@code System::nanoTime}
 */
public record FederatedRounds(
    ClientSampler sampler, int enough, int fewest, long deadlineNanos, LongSupplier nanoTime)
    implements Policy {

  /** Checks the numbers. */
  public FederatedRounds {
    if (fewest < 1 || enough < fewest) {
      throw new IllegalArgumentException(
          "federated rounds: enough is %d and fewest is %d; it must be 1 <= fewest <= enough"
              .formatted(enough, fewest));
    }
    if (deadlineNanos <= 0) {
      throw new IllegalArgumentException(
          "federated rounds: the deadline is %d ns; it must be positive".formatted(deadlineNanos));
    }
  }

  /** Who is asked in a round. The same answer whenever it is asked. */
  @FunctionalInterface
  public interface ClientSampler {
    /** Numbers of the clients, each from zero and at most once, in any order. */
    int[] asked(long round);
  }

  /** Opens a round at a time of the clock. */
  public FederatedRound open(long round, long nanos) {
    return new FederatedRound(sampler.asked(round), enough, nanos + deadlineNanos);
  }
}
