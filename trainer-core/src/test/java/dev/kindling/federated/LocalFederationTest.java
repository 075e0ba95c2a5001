package dev.kindling.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.federated.partition.Iid;
import dev.kindling.federated.privacy.ClientPrivacy;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Dropout;
import dev.kindling.nn.Embedding;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalFederationTest {
  private static final LocalTraining SMALL_BATCHES = LocalTraining.of(2, 10);

  /** E = 1, B = all, C = 1: one step of gradient descent on everybody's rows. */
  @Test
  void fedSgdIsOneLargeBatchStep() {
    List<Slice> clients = Toy.clients();
    LocalFederation federation =
        new LocalFederation(
            Toy.digits(new FedAvg(), Participation.of(1), LocalTraining.of(1, 0)),
            clients,
            List.of());
    SliceBuilder all = new SliceBuilder(clients.get(0).format());
    int rows = 0;
    for (Slice client : clients) {
      for (int i = 0; i < client.size(); i++, rows++) {
        all.append(client.row(i));
      }
    }
    LocalTrainer whole =
        new LocalTrainer(
            new TrainingConfig(
                Toy.network(),
                new CrossEntropyLoss(),
                new SGD(0.1),
                new Schedule.Constant(),
                rows,
                5,
                1,
                Toy.SEED),
            List.of(all.build()),
            List.of());
    for (int round = 0; round < 5; round++) {
      federation.round();
      whole.step();
    }
    float[] values = federation.server().values();
    for (int i = 0; i < values.length - 3; i++) {
      assertThat(values[i]).isCloseTo(whole.values()[i], within(2e-6f));
    }
  }

  @Test
  void learnsFromClientsThatNeverShareARow() {
    LocalFederation federation =
        new LocalFederation(
            Toy.digits(new FedAvg(), Participation.of(0.5), LocalTraining.of(5, 10)),
            Toy.clients(new Iid()),
            Toy.test());
    double before = federation.evaluate().accuracy();
    federation.fit();
    assertThat(before).isLessThan(0.3);
    assertThat(federation.evaluate().accuracy()).isGreaterThan(0.6);
  }

  /** However the sorted clients are cut into ranges, the sums have the same bits. */
  @Test
  void anySplitOfTheClientsGivesTheSameSums() {
    FederatedConfig config =
        Toy.digits(new FedAvg(), new Participation(0.8, 1, 0.2), SMALL_BATCHES);
    List<Slice> clients = Toy.clients();
    FederatedServer server = new FederatedServer(config, clients.size());
    RoundPlan plan = server.plan();
    float[] whole = null;
    for (int workers : new int[] {1, 2, 3, 4, clients.size()}) {
      Map<Node, Optional<UpdateSum>> sent = new HashMap<>();
      for (int w = workers - 1; w >= 0; w--) {
        ClientTrainer trainer = new ClientTrainer(config, clients.get(0).format());
        Node places = plan.places(w * clients.size() / workers, (w + 1) * clients.size() / workers);
        for (Node node : plan.tree().cover(places.lo(), places.hi())) {
          sent.put(node, UpdateSum.over(node, leaf(plan, clients, server, trainer)));
        }
      }
      float[] sum = UpdateSum.over(plan.tree().root(), sent::get).orElseThrow().deltas();
      whole = whole == null ? sum : whole;
      assertThat(sum).as("%d workers", workers).containsExactly(whole);
    }
  }

  private static Function<Node, Optional<UpdateSum>> leaf(
      RoundPlan plan, List<Slice> clients, FederatedServer server, ClientTrainer trainer) {
    return node -> {
      if (!node.isLeaf()) {
        return null;
      }
      int client = plan.asked()[node.lo()];
      return plan.answers()[node.lo()]
          ? trainer.train(0, client, clients.get(client), server.values(), null, () -> false)
          : Optional.empty();
    };
  }

  @Test
  void clientsThatDropOutAreLeftOutAndARecordedRoundHasTheSameBits() {
    List<Slice> clients = Toy.clients();
    LocalFederation run =
        new LocalFederation(
            Toy.digits(new FedAvg(), new Participation(0.5, 1.5, 0.4), SMALL_BATCHES),
            clients,
            List.of());
    LocalFederation replay =
        new LocalFederation(
            Toy.digits(new FedAvg(), new Participation(0.5, 1.5, 0), SMALL_BATCHES),
            clients,
            List.of());
    int lost = 0;
    for (int round = 0; round < 5; round++) {
      RoundResult result = run.round();
      assertThat(result.asked()).isEqualTo(9);
      lost += result.asked() - result.answered().length;
      replay.round(plan -> plan.answeredBy(result.answered()));
      assertThat(replay.server().values()).containsExactly(run.server().values());
    }
    assertThat(lost).isPositive();
  }

  @Test
  void aRoundWithoutAnAnswerChangesNothing() {
    LocalFederation run =
        new LocalFederation(
            Toy.digits(new FedAdam(0.01, 0.9, 0.99, 1e-3), Participation.of(0.5), SMALL_BATCHES),
            Toy.clients(),
            List.of());
    float[] before = run.server().values().clone();
    RoundResult result = run.round(plan -> plan.answeredBy());
    assertThat(result.answered()).isEmpty();
    assertThat(run.server().round()).isEqualTo(1);
    assertThat(run.server().values()).containsExactly(before);
  }

  @Test
  void aClientThatIsTooLateGivesNothing() {
    List<Slice> clients = Toy.clients();
    FederatedConfig config = Toy.digits(new FedAvg(), Participation.of(1), SMALL_BATCHES);
    FederatedServer server = new FederatedServer(config, clients.size());
    ClientTrainer trainer = new ClientTrainer(config, clients.get(0).format());
    int[] steps = {0};
    assertThat(trainer.train(0, 1, clients.get(1), server.values(), null, () -> ++steps[0] > 2))
        .isEmpty();
    assertThat(trainer.train(0, 1, clients.get(1), server.values(), null, () -> false))
        .as("nothing of the abandoned round is left")
        .hasValueSatisfying(
            sum ->
                assertThat(sum.deltas())
                    .containsExactly(
                        new ClientTrainer(config, clients.get(0).format())
                            .train(0, 1, clients.get(1), server.values(), null, () -> false)
                            .orElseThrow()
                            .deltas()));
  }

  /** Its training is done, and nothing of it was sent. */
  @Test
  void aClientThatIsTooLateAfterItsLastStepGivesNothing() {
    List<Slice> clients = Toy.clients();
    FederatedConfig config = Toy.digits(new FedAvg(), Participation.of(1), SMALL_BATCHES);
    FederatedServer server = new FederatedServer(config, clients.size());
    ClientTrainer trainer = new ClientTrainer(config, clients.get(0).format());
    int all = SMALL_BATCHES.steps(clients.get(1).size());
    int[] steps = {0};
    assertThat(trainer.train(0, 1, clients.get(1), server.values(), null, () -> ++steps[0] > all))
        .isEmpty();
    assertThat(steps[0]).isEqualTo(all + 1);
  }

  /** Breaks at one of its calls; there is one in each step. */
  private static final class BrokenLoss implements Loss {
    private final Loss loss = new MSELoss();
    private final int at;
    private int calls;

    BrokenLoss(int at) {
      this.at = at;
    }

    @Override
    public Tensor perSample(Tensor output, Targets target) {
      return loss.perSample(output, target);
    }

    @Override
    public double weight(Targets target) {
      if (++calls == at) {
        throw new IllegalStateException("the battery is flat");
      }
      return loss.weight(target);
    }

    @Override
    public Spec toSpec() {
      return loss.toSpec();
    }
  }

  private static List<Slice> threeClients(double bad) {
    return List.of(
        Toy.points(new double[] {1, 2, -1}, new double[] {2, 1, 0}),
        Toy.points(new double[] {0.5, -2}, new double[] {-1, bad}),
        Toy.points(new double[] {1, 3}, new double[] {0.5, 2}));
  }

  private static FederatedConfig line(Loss loss, ClientPrivacy privacy) {
    return new FederatedConfig(
        new Sequential(new Linear(1, 1)),
        loss,
        new SGD(0.05),
        new Schedule.Constant(),
        new FedAvg(),
        3,
        Participation.of(1),
        LocalTraining.of(3, 0),
        privacy,
        Toy.SEED);
  }

  private static void assertSecondIsLeftOut(
      FederatedConfig config, List<Slice> clients, String reason) {
    LocalFederation run = new LocalFederation(config, clients, List.of());
    LocalFederation others =
        new LocalFederation(line(new MSELoss(), config.privacy()), clients, List.of());
    RoundResult result = run.round();
    others.round(plan -> plan.answeredBy(0, 2));
    assertThat(result.answered()).containsExactly(0, 2);
    assertThat(result.failed()).containsOnlyKeys(1);
    assertThat(result.failed().get(1).reason()).contains(reason);
    assertThat(run.server().values()).containsExactly(others.server().values());
    assertThat(others.round().round()).isEqualTo(2);
  }

  /** Three clients of three steps each: the second one's first, second and last. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5, 6})
  void aClientThatBreaksOffAtAnyStepIsLeftOutAndNamed(int call) {
    assertSecondIsLeftOut(line(new BrokenLoss(call), null), threeClients(1), "the battery is flat");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void anUpdateThatIsNotFiniteIsLeftOutAndNamed(double bad) {
    assertSecondIsLeftOut(line(new MSELoss(), null), threeClients(bad), "is not finite");
    assertSecondIsLeftOut(
        line(new MSELoss(), new ClientPrivacy(0.5, 1, 1e-3)),
        threeClients(bad),
        "cannot be clipped");
  }

  @Test
  void aControlVariateThatIsNotFiniteIsLeftOut() {
    FederatedConfig scaffold = Toy.line(new Scaffold(1), new SGD(0.05), 3);
    LocalFederation run = new LocalFederation(scaffold, threeClients(Double.NaN), List.of());
    assertThat(run.round().failed()).containsOnlyKeys(1);
    run.fit();
    for (float value : run.server().values()) {
      assertThat(value).isFinite();
    }
  }

  /** Memory depends on the micro-batch, the sums but for rounding not. */
  @Test
  void microBatchesAddUpToTheBatch() {
    List<Slice> clients = Toy.clients();
    float[] whole = afterARound(clients, new LocalTraining(1, 0, 1000));
    float[] micro = afterARound(clients, new LocalTraining(1, 0, 7));
    for (int i = 0; i < whole.length; i++) {
      assertThat(micro[i]).isCloseTo(whole[i], within(2e-6f));
    }
  }

  private static float[] afterARound(List<Slice> clients, LocalTraining local) {
    LocalFederation run =
        new LocalFederation(
            Toy.digits(new FedAvg(), Participation.of(1), local), clients, List.of());
    run.round();
    return run.server().values();
  }

  @Test
  void everyOptimizerScheduleAndLayerOfTheClientsWorks() {
    Module network =
        new Sequential(
            new Flatten(),
            new Linear(784, 16),
            new BatchNorm1d(16),
            new Dropout(0.2),
            new Linear(16, 10));
    for (Optimizer optimizer :
        List.of(
            new Adam(0.003),
            new SGD(0.1, 0.9),
            Optimizer.of(Spec.of("SGD", "lr", 0.1, "clip_norm", 1.0)),
            Optimizer.of(Spec.of("LARS", "lr", 1.0)))) {
      List<float[]> ends = new ArrayList<>();
      for (int repeat = 0; repeat < 2; repeat++) {
        FederatedConfig config =
            new FederatedConfig(
                network,
                new CrossEntropyLoss(),
                optimizer,
                Schedule.of(Spec.of("StepLR", "step_size", 2, "gamma", 0.5)),
                new FedAvg(),
                3,
                Participation.of(1),
                LocalTraining.of(2, 20),
                null,
                Toy.SEED);
        LocalFederation run = new LocalFederation(config, Toy.clients(new Iid()), Toy.test());
        double before = run.evaluate().loss();
        run.fit();
        assertThat(run.evaluate().loss()).as(optimizer.toString()).isLessThan(before);
        ends.add(run.server().values().clone()); // the next run initialises the same module
      }
      assertThat(ends.get(1)).containsExactly(ends.get(0));
    }
  }

  private static FederatedConfig secret(Module network, FederatedAlgorithm algorithm) {
    return secret(network, algorithm, Participation.of(0.5), 1e-6);
  }

  private static FederatedConfig secret(
      Module network, FederatedAlgorithm algorithm, Participation who, double noise) {
    return new FederatedConfig(
        network,
        new CrossEntropyLoss(),
        new SGD(0.1),
        new Schedule.Constant(),
        algorithm,
        3,
        who,
        LocalTraining.of(1, 10),
        new ClientPrivacy(0.5, noise, 1e-3),
        Toy.SEED);
  }

  @Test
  void rowsInTablesAreRefused() {
    Module sparse = new Sequential(new Embedding(9, 2, true), new Linear(2, 2));
    assertThatThrownBy(() -> secret(sparse, new FedAvg()))
        .hasMessageContaining("0.weight would be rows of a table (sparse)")
        .hasMessageContaining("set sparse of Embedding to false");
  }

  @Test
  void withPrivacyNobodyMovesTheParametersFarAndNothingElseIsTold() {
    List<Slice> clients = Toy.clients();
    LocalFederation run =
        new LocalFederation(secret(Toy.network(), new FedAvg()), clients, List.of());
    float[] before = run.server().values().clone();
    RoundResult result = run.round();
    double squares = 0;
    for (int i = 0; i < before.length; i++) {
      squares += Math.pow(run.server().values()[i] - before[i], 2);
    }
    assertThat(Math.sqrt(squares))
        .isPositive()
        .isLessThanOrEqualTo(0.5 * result.answered().length / (0.5 * clients.size()) + 1e-4);
    assertThat(result.train().count()).isZero();
    assertThat(result.epsilon()).isPositive();
    assertThat(run.round().epsilon()).isGreaterThan(result.epsilon());
  }

  /** (sum of clipped updates) / (q K), whoever dropped out: the noise is below a float's digits. */
  @Test
  void theDenominatorIsTheExpectedNumberOfClientsWhoeverAnswers() {
    List<Slice> clients = Toy.clients();
    FederatedConfig config =
        secret(Toy.network(), new FedAvg(), new Participation(0.5, 1, 0.4), 1e-12);
    LocalFederation run = new LocalFederation(config, clients, List.of());
    ClientTrainer trainer = new ClientTrainer(config, clients.get(0).format());
    int dropped = 0;
    for (int round = 0; round < 3; round++) {
      float[] before = run.server().values().clone();
      RoundResult result = run.round();
      dropped += result.asked() - result.answered().length;
      double[] sum = new double[before.length];
      for (int client : result.answered()) {
        float[] update =
            trainer
                .train(round, client, clients.get(client), before, null, () -> false)
                .orElseThrow()
                .deltas();
        for (int i = 0; i < sum.length; i++) {
          sum[i] += update[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        assertThat((double) run.server().values()[i])
            .isCloseTo(before[i] + sum[i] / (0.5 * clients.size()), within(1e-7));
      }
    }
    assertThat(dropped).as("clients that did not answer").isPositive();
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    assertThatThrownBy(() -> secret(Toy.network(), new Scaffold(1)))
        .hasMessageContaining("control variates");
    assertThatThrownBy(
            () ->
                secret(
                    new Sequential(new Flatten(), new Linear(784, 10), new BatchNorm1d(10)),
                    new FedAvg()))
        .hasMessageContaining("running statistics");
    assertThatThrownBy(() -> Toy.line(new Scaffold(1), new Adam(0.1), 1))
        .hasMessageContaining("SGD without momentum");
  }
}
