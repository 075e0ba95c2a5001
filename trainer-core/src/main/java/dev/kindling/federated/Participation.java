package dev.kindling.federated;

import java.io.Serializable;

/**
 * Who takes part in a round.
 *
 * @param fraction C: of the clients, above 0, up to 1; at least one takes part
 * @param overSelection so many times more are asked than are wanted, since some will not answer; on
 *     a cluster a round ends when as many as are wanted have answered
 * @param dropOut probability that a client that was asked does not answer, drawn from the seed: to
 *     try out what a fleet of devices does
 */
public record Participation(double fraction, double overSelection, double dropOut)
    implements Serializable {

  /** Checks the ranges. */
  public Participation {
    require(fraction > 0 && fraction <= 1, "fraction", fraction, "in (0, 1]");
    require(overSelection >= 1, "over_selection", overSelection, "at least 1");
    require(dropOut >= 0 && dropOut < 1, "drop_out", dropOut, "in [0, 1)");
  }

  private static void require(boolean isGood, String name, double value, String wanted) {
    if (!isGood) {
      throw new IllegalArgumentException(
          "federated.%s is %s; it must be %s".formatted(name, value, wanted));
    }
  }

  /** A fraction of the clients, who all answer. */
  public static Participation of(double fraction) {
    return new Participation(fraction, 1, 0);
  }

  /** K: so many answers make a round. */
  public int wanted(int clients) {
    return (int) Math.max(1, Math.rint(fraction * clients));
  }

  /** How many of the clients are asked. */
  int asked(int clients) {
    return (int) Math.min(clients, Math.ceil(wanted(clients) * overSelection));
  }
}
