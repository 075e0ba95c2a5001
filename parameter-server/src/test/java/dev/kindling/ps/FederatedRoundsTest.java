package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederatedRoundsTest {
  private static final int CLIENTS = 40;
  private static final int ASKED = 12;
  private static final int ROUNDS = 7;
  private static final long DEADLINE = 1_000;
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder().add("0.weight", List.of(1_000), Kind.PARAMETER).build();
  private static final int LENGTH = Math.toIntExact(LAYOUT.length());

  private final AtomicLong clock = new AtomicLong();
  private final Map<Long, int[]> recorded = new ConcurrentHashMap<>();
  private ParameterServer server;

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
  }

  private static int[] asked(long round) {
    return new Random(round).ints(0, CLIENTS).distinct().limit(ASKED).toArray();
  }

  private static FlatUpdate update(Optimizer optimizer) {
    return new FlatUpdate(LAYOUT, optimizer, new Schedule.Constant(), 1);
  }

  private void start(Optimizer optimizer, String transport, int enough) {
    start(
        optimizer,
        transport,
        new FederatedRounds(FederatedRoundsTest::asked, enough, 2, DEADLINE, clock::get));
  }

  private void start(Optimizer optimizer, String transport, FederatedRounds policy) {
    RunSpec run =
        new RunSpec("federated", new ReplicaTree(CLIENTS), update(optimizer), ROUNDS).with(policy);
    ShardListener listener =
        new ShardListener() {
          @Override
          public void roundClosed(long round, int[] clients) {
            recorded.put(round, clients);
          }
        };
    server =
        ParameterServer.of(run, new float[LENGTH])
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .listener(listener)
            .start();
  }

  private ParameterClient client(int lo, int hi, int incarnation) {
    return ParameterClients.open(
        server.location(), new Worker("worker " + lo, lo, hi, incarnation));
  }

  private static double weight(int client) {
    return 1 + client % 7;
  }

  /** What a client makes of the values, weighted. */
  private static float[] answer(long round, int client, float[] values) {
    Random random = new Random(round * 1_000 + client);
    float[] sums = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      sums[i] = (float) weight(client) * (0.25f * values[i] + random.nextFloat() - 0.3f);
    }
    return sums;
  }

  private static float[] sum(long round, List<Integer> clients, int bit, float[] values) {
    if (clients.size() < 2) {
      return clients.isEmpty() ? null : answer(round, clients.get(0), values);
    }
    List<Integer> upper = clients.stream().filter(c -> (c >> bit & 1) == 1).toList();
    List<Integer> lower = clients.stream().filter(c -> (c >> bit & 1) == 0).toList();
    float[] left = sum(round, lower, bit - 1, values);
    float[] right = sum(round, upper, bit - 1, values);
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    for (int i = 0; i < LENGTH; i++) {
      left[i] += right[i];
    }
    return left;
  }

  /** The values after all rounds, given who answered in each. */
  private float[] expected(Optimizer optimizer, long rounds) {
    float[] values = new float[LENGTH];
    float[][] state = new float[optimizer.stateNames().size()][LENGTH];
    for (long round = 0; round < rounds; round++) {
      List<Integer> clients = IntStream.of(recorded.get(round)).boxed().toList();
      if (clients.size() < 2) {
        continue;
      }
      Update u = new Update();
      u.state = state;
      u.current = values;
      u.next = new float[LENGTH];
      u.gradient = sum(round, clients, 30, values);
      u.gradientScale =
          (float) (1 / clients.stream().mapToDouble(FederatedRoundsTest::weight).sum());
      u.to = LENGTH;
      u.step = round;
      update(optimizer).apply(u, 0);
      values = u.next;
    }
    return values;
  }

  /** Serves its share of every round's clients, in an order of its own. */
  private Void work(int worker, int workers, long seed) throws InterruptedException {
    Node share = server.location().tree().shareOf(worker, workers);
    Random random = new Random(seed + worker);
    try (ParameterClient client = client(share.lo(), share.hi(), 1)) {
      for (long round = client.join(); round < ROUNDS; round = client.next(round)) {
        float[] values = client.values(round);
        List<Integer> mine = new ArrayList<>();
        IntStream.of(asked(round))
            .filter(c -> c >= share.lo() && c < share.hi())
            .forEach(mine::add);
        Collections.shuffle(mine, random);
        for (int c : mine) {
          if ((c + round) % 5 == 0) {
            client.drop(round, c);
          } else {
            client.answer(round, c, answer(round, c, values), weight(c));
          }
        }
      }
      client.values(ROUNDS);
    }
    return null;
  }

  private void workAll(int workers, long seed) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<Void>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        int worker = w;
        all.add(threads.submit(() -> work(worker, workers, seed)));
      }
      for (Future<Void> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "in-process, 1, 1",
    "in-process, 3, 2",
    "in-process, 4, 3",
    "socket, 1, 4",
    "socket, 4, 5"
  })
  void neitherWorkersNorTransportNorOrderChangeTheBits(String transport, int workers, long seed)
      throws Exception {
    System.out.println("seed " + seed);
    for (Optimizer optimizer : List.of(new SGD(1), new Adam(0.1))) {
      start(optimizer, transport, ASKED);
      workAll(workers, seed);
      for (long round = 0; round < ROUNDS; round++) {
        long r = round;
        int[] answering = IntStream.of(asked(r)).filter(c -> (c + r) % 5 != 0).sorted().toArray();
        assertThat(recorded.get(r)).containsExactly(answering);
      }
      assertThat(server.values()).containsExactly(expected(optimizer, ROUNDS));
      server.close();
    }
  }

  /** Only the first so many count; who they were is recorded, and gives the bits again. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aRoundEndsWithEnoughAnswers(String transport) throws Exception {
    start(new SGD(1), transport, 4);
    workAll(3, 11);
    assertThat(recorded).hasSize(ROUNDS);
    assertThat(recorded.values()).allSatisfy(clients -> assertThat(clients).hasSize(4));
    float[] values = server.values();
    assertThat(values).containsExactly(expected(new SGD(1), ROUNDS));
    server.close();
    Map<Long, int[]> first = Map.copyOf(recorded);
    start(new SGD(1), transport, new FederatedRounds(first::get, ASKED, 2, DEADLINE, clock::get));
    try (ParameterClient client = client(0, CLIENTS, 1)) {
      for (long round = client.join(); round < ROUNDS; round = client.next(round)) {
        float[] current = client.values(round);
        for (int c : first.get(round)) {
          client.answer(round, c, answer(round, c, current), weight(c));
        }
      }
      assertThat(client.values(ROUNDS)).containsExactly(values);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aRoundEndsAtItsDeadlineWithThoseWhoAnswered(String transport) throws Exception {
    start(new SGD(1), transport, ASKED);
    int[] asked = asked(0);
    try (ParameterClient client = client(0, CLIENTS, 1)) {
      float[] values = client.values(client.join());
      for (int c : Arrays.copyOf(asked, 3)) {
        client.answer(0, c, answer(0, c, values), weight(c));
      }
      float[] broken = answer(0, asked[3], values);
      broken[LENGTH - 1] = Float.NaN;
      client.answer(0, asked[3], broken, 1); // never applied
      try (ParameterClient killed = client(asked[4], asked[4] + 1, 1)) {
        killed.join();
        killed.push(0, 0, asked[4], asked[4] + 1, new float[LENGTH], 1); // between two buckets
      }
      client.reduce(0, new double[CLIENTS][1]); // what was sent before has arrived
      clock.set(DEADLINE);
      float[] next = client.values(1).clone();
      int[] first = IntStream.of(Arrays.copyOf(asked, 3)).sorted().toArray();
      assertThat(recorded.get(0L)).containsExactly(first);
      assertThat(next).containsExactly(expected(new SGD(1), 1));
      client.answer(0, asked[5], new float[LENGTH], 1); // too late
      clock.set(2 * DEADLINE);
      await().until(() -> server.version() == 2);
      assertThat(recorded.get(1L)).as("nobody answered").isEmpty();
      assertThat(server.skipped()).isEqualTo(1);
      assertThat(server.values()).containsExactly(next);
    }
  }

  /** What a killed worker's clients sent does not count beside what the next start sends. */
  @Test
  void aNewStartBeginsTheRoundAgain() throws Exception {
    start(new SGD(1), "socket", ASKED);
    try (ParameterClient client = client(0, CLIENTS, 1)) {
      client.values(client.join());
      client.answer(0, asked(0)[0], new float[LENGTH], 1);
    }
    try (ParameterClient client = client(0, CLIENTS, 2)) {
      float[] values = client.values(client.join());
      for (int c : asked(0)) {
        client.answer(0, c, answer(0, c, values), weight(c));
      }
      assertThat(client.values(1)).containsExactly(expected(new SGD(1), 1));
      assertThat(recorded.get(0L)).hasSize(ASKED);
    }
  }

  /** Each client's part is finite, and counts; their sum is not, and is never applied. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aSumThatOverflowsIsNotApplied(String transport) throws Exception {
    start(new SGD(1), transport, ASKED);
    try (ParameterClient client = client(0, CLIENTS, 1)) {
      client.values(client.join());
      float[] large = new float[LENGTH];
      large[LENGTH / 2] = 3e38f;
      assertThatThrownBy(
              () -> {
                for (int c : asked(0)) {
                  client.answer(0, c, large, 1);
                }
                client.values(1);
              })
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED))
          .hasMessageContaining("step 0: the gradient is not finite");
      assertThat(recorded.get(0L)).hasSize(ASKED);
      assertThat(server.version()).isZero();
      assertThat(server.values()).containsExactly(new float[LENGTH]);
    }
  }
}
