package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Federated rounds: some clients are asked, some of them drop out, answers are lost, rounds end by
 * a deadline. Every round must be the weighted mean of the clients that the shards have recorded
 * for it, each once and with all of its buckets.
 */
final class RoundScenario extends Scenario {
  private static final int CLIENTS = 12;
  private static final int ASKED = 6;
  private static final int ENOUGH = 4;
  private static final int FEWEST = 2;
  private static final int DEADLINE = 400;
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder().add("weight", List.of(90), Kind.PARAMETER).build();
  private static final FlatUpdate UPDATE =
      new FlatUpdate(LAYOUT, new SGD(0.5), new Schedule.Constant(), 1);

  RoundScenario(LongSupplier clock) {
    super(
        new RunSpec("simulated", new ReplicaTree(CLIENTS), UPDATE, Simulation.STEPS)
            .with(new FederatedRounds(RoundScenario::asked, ENOUGH, FEWEST, DEADLINE, clock)));
  }

  private static int[] asked(long round) {
    return new SplittableRandom(round).ints(0, CLIENTS).distinct().limit(ASKED).toArray();
  }

  private static double weight(int client) {
    return 1 + client % 3;
  }

  @Override
  float[] initial() {
    return new float[Math.toIntExact(run.buckets().length())];
  }

  private float[] answer(long round, int client, float[] values) {
    float[] sums = initial();
    for (int i = 0; i < 90; i++) {
      sums[i] = (float) weight(client) * (0.25f * values[i] - (round * 7 + client * 3 + i) % 11);
    }
    return sums;
  }

  @Override
  Computation worker(Worker worker) {
    return (round, read, values, rows, protocol) -> {
      List<Runnable> answers = new ArrayList<>();
      for (int client : asked(round)) {
        if (client >= worker.lo() && client < worker.hi()) {
          serve(round, client, values, protocol, answers);
        }
      }
      return answers;
    };
  }

  private void serve(
      long round, int client, float[] values, WorkerProtocol protocol, List<Runnable> answers) {
    if ((client + round) % 5 == 0) {
      answers.add(() -> protocol.drop(round, client));
      return;
    }
    float[] sums = answer(round, client, values);
    for (int bucket = 0; bucket < run.buckets().count(); bucket++) {
      int number = bucket;
      answers.add(() -> protocol.answer(round, number, client, sums, weight(client)));
    }
  }

  @Override
  float[] expected(History history) {
    float[] values = initial();
    for (long round = 0; round < Simulation.STEPS; round++) {
      int[] clients = history.clients(round);
      assertThat(clients).hasSizeLessThanOrEqualTo(ENOUGH).doesNotHaveDuplicates();
      assertThat(Arrays.stream(asked(round)).boxed())
          .containsAll(Arrays.stream(clients).boxed().toList());
      values = clients.length < FEWEST ? values : next(round, clients, values);
    }
    return values;
  }

  private float[] next(long round, int[] clients, float[] values) {
    Update u = new Update();
    u.state = new float[UPDATE.optimizer().stateNames().size()][values.length];
    u.current = values;
    u.next = initial();
    u.gradient = sum(round, Arrays.stream(clients).boxed().toList(), 30, values);
    u.gradientScale = (float) (1 / Arrays.stream(clients).mapToDouble(RoundScenario::weight).sum());
    u.to = values.length;
    u.step = round;
    UPDATE.apply(u, 0);
    return u.next;
  }

  /** Along the binary tree of the clients' numbers; null for nobody. */
  private float[] sum(long round, List<Integer> clients, int bit, float[] values) {
    if (clients.size() < 2) {
      return clients.isEmpty() ? null : answer(round, clients.get(0), values);
    }
    float[] left =
        sum(round, clients.stream().filter(c -> (c >> bit & 1) == 0).toList(), bit - 1, values);
    float[] right =
        sum(round, clients.stream().filter(c -> (c >> bit & 1) == 1).toList(), bit - 1, values);
    for (int i = 0; left != null && right != null && i < left.length; i++) {
      left[i] += right[i];
    }
    return left == null ? right : left;
  }

  @Override
  boolean isReducing() {
    return false;
  }

  @Override
  boolean mayOvertake() {
    return true;
  }
}
