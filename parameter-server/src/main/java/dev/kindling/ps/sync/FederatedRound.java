package dev.kindling.ps.sync;

import java.util.Arrays;
import java.util.TreeSet;

/** Who was asked in one round, and what became of each. Not thread-safe. */
public final class FederatedRound {
  private final TreeSet<Integer> undecided = new TreeSet<>();
  private final TreeSet<Integer> answered = new TreeSet<>();
  private final int enough;
  private final long deadline;

  /**
   * Nobody has answered yet.
   *
   * @param enough the round is over when so many have answered
   * @param deadline and at this time of the clock
   */
  public FederatedRound(int[] asked, int enough, long deadline) {
    Arrays.stream(asked).forEach(undecided::add);
    this.enough = enough;
    this.deadline = deadline;
  }

  /** Whether a client was asked and has neither answered nor dropped out. */
  public boolean isAwaited(int client) {
    return undecided.contains(client);
  }

  /** Whether one of the clients [lo, hi) is awaited. */
  public boolean isAnyAwaited(long lo, long hi) {
    Integer first = lo > Integer.MAX_VALUE ? null : undecided.ceiling((int) lo);
    return first != null && first < hi;
  }

  /** All that a client has to bring is here. */
  public void answered(int client) {
    undecided.remove(client);
    answered.add(client);
  }

  /** Nothing will come from a client, or nothing that can be used. */
  public void dropped(int client) {
    undecided.remove(client);
  }

  /** Enough have answered, nobody is awaited, or it is late. */
  public boolean isOver(long now) {
    return answered.size() >= enough || undecided.isEmpty() || now - deadline >= 0;
  }

  /** No further answer counts. */
  public void close() {
    undecided.clear();
  }

  /** Those whose answer counts, in ascending order. */
  public int[] answered() {
    return answered.stream().mapToInt(Integer::intValue).toArray();
  }
}
