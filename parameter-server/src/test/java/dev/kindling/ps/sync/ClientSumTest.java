package dev.kindling.ps.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSumTest {
  private static final int LENGTH = 5;

  private static float[] delta(int client) {
    Random random = new Random(client);
    float[] delta = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      delta[i] = random.nextFloat() * (1 << random.nextInt(20));
    }
    return delta;
  }

  /** The sum along the bits of the numbers, by plain recursion; null for nobody. */
  private static float[] plain(List<Integer> clients, int bit) {
    if (clients.size() < 2) {
      return clients.isEmpty() ? null : delta(clients.get(0));
    }
    float[] left = plain(clients.stream().filter(c -> (c >> bit & 1) == 0).toList(), bit - 1);
    float[] right = plain(clients.stream().filter(c -> (c >> bit & 1) == 1).toList(), bit - 1);
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    for (int i = 0; i < LENGTH; i++) {
      left[i] += right[i];
    }
    return left;
  }

  private static float[] sum(List<Integer> asked, List<Integer> answering, List<Integer> dropping) {
    int[] all = asked.stream().mapToInt(Integer::intValue).toArray();
    FederatedRound round = new FederatedRound(all, answering.size(), 0);
    ClientSum sum = new ClientSum(LENGTH);
    List<Integer> order = new ArrayList<>(dropping);
    order.addAll(answering);
    for (int client : order) {
      boolean answers = answering.contains(client);
      if (answers) {
        assertThat(sum.add(client, client + 1, delta(client), 0, client + 1, null))
            .isEqualTo(GradientSum.Arrival.STORED);
        round.answered(client);
      } else {
        round.dropped(client);
      }
      sum.decide(client, answers, round);
    }
    round.close();
    sum.complete();
    assertThat(sum.held()).isEqualTo(1);
    assertThat(sum.weight()).isEqualTo(answering.stream().mapToDouble(c -> c + 1).sum());
    sum.add(0, LENGTH, null, null, 0);
    return Arrays.copyOfRange(sum.sum(), sum.sumAt(), sum.sumAt() + LENGTH);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theBitsDependOnTheSetOfClientsAlone(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      List<Integer> asked = new ArrayList<>();
      random.ints(1 + random.nextInt(40), 0, 200).distinct().forEach(asked::add);
      asked.add(Integer.MAX_VALUE);
      Collections.shuffle(asked, random);
      int answers = 1 + random.nextInt(asked.size());
      List<Integer> answering = new ArrayList<>(asked.subList(0, answers));
      List<Integer> others = asked.subList(answers, asked.size());
      List<Integer> dropping =
          others.subList(0, others.isEmpty() ? 0 : random.nextInt(others.size()));
      float[] expected = plain(answering, 30);
      assertThat(sum(asked, answering, dropping)).containsExactly(expected);
      Collections.shuffle(answering, random);
      assertThat(sum(answering, answering, List.of())).containsExactly(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 1_024})
  void clientsThatComeInOrderNeedFewArrays(int clients) {
    FederatedRound round =
        new FederatedRound(java.util.stream.IntStream.range(0, clients).toArray(), clients, 0);
    ClientSum sum = new ClientSum(LENGTH);
    for (int client = 0; client < clients; client++) {
      sum.add(client, client + 1, delta(client), 0, 1, null);
      round.answered(client);
      sum.decide(client, true, round);
      assertThat(sum.held()).isLessThanOrEqualTo(10);
    }
  }
}
