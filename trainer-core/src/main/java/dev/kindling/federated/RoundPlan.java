package dev.kindling.federated;

import dev.kindling.kernel.Philox;
import dev.kindling.train.ReplicaTree;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Who is asked in a round, in ascending order, and who will answer: drawn from (seed, round) alone.
 * With privacy each client is asked with the probability C, independently, as the accountant
 * assumes; else the wanted number, each set of clients as likely. Immutable; the arrays are shared
 * and not to be changed.
 *
 * @param round counted from zero
 * @param asked numbers of the clients
 * @param answers which of them answer
 */
public record RoundPlan(int round, int[] asked, boolean[] answers) implements Serializable {
  private static final int CHOICE = 9 << 24;
  private static final int DROP_OUT = 10 << 24;
  private static final int POISSON = 12 << 24;
  private static final double UNIT = 0x1p-32;

  /** The plan of a round among so many clients. */
  public static RoundPlan of(FederatedConfig config, int clients, int round) {
    Participation who = config.participation();
    int[] asked =
        config.privacy() == null
            ? choice(config.seed(), round, clients, who.asked(clients))
            : eachWith(who.fraction(), config.seed(), round, clients);
    boolean[] answers = new boolean[asked.length];
    for (int i = 0; i < asked.length; i++) {
      answers[i] = uniform(config.seed(), DROP_OUT, round, asked[i]) >= who.dropOut();
    }
    return new RoundPlan(round, asked, answers);
  }

  private static int[] choice(long seed, int round, int clients, int count) {
    int[] order = new int[clients];
    new Philox(seed, CHOICE, round).permutation(order);
    int[] chosen = Arrays.copyOf(order, count);
    Arrays.sort(chosen);
    return chosen;
  }

  private static int[] eachWith(double probability, long seed, int round, int clients) {
    return IntStream.range(0, clients)
        .filter(client -> uniform(seed, POISSON, round, client) < probability)
        .toArray();
  }

  /** A number in [0, 1) of a client's own. */
  private static double uniform(long seed, int stream, int round, int client) {
    int[] block = new int[4];
    Philox.block(seed, client, 0, stream, round, block);
    return (block[0] & 0xFFFFFFFFL) * UNIT;
  }

  /** This plan where only those answer whose numbers were recorded, in ascending order. */
  public RoundPlan answeredBy(int... clients) {
    boolean[] recorded = new boolean[asked.length];
    for (int i = 0; i < asked.length; i++) {
      recorded[i] = Arrays.binarySearch(clients, asked[i]) >= 0;
    }
    return new RoundPlan(round, asked, recorded);
  }

  /** The tree along which updates are added: its leaves are places in {@link #asked}. */
  public ReplicaTree tree() {
    return new ReplicaTree(Math.max(1, asked.length));
  }

  /** The places in {@link #asked} of the clients from {@code lo} to {@code hi - 1}. */
  public ReplicaTree.Node places(int lo, int hi) {
    return new ReplicaTree.Node(place(lo), place(hi));
  }

  private int place(int client) {
    int found = Arrays.binarySearch(asked, client);
    return found >= 0 ? found : -found - 1;
  }
}
