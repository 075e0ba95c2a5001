package dev.kindling.spark.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.LocalFederation;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.RoundPlan;
import dev.kindling.federated.RoundResult;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.Iid;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.ReplicaTree.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clients that hang, break off or send what is no number: each has a Spark partition of its own.
 */
class ClusterRoundTest {
  private static final int CLIENTS = 20;
  private static final long SEED = 3;
  private static final AtomicInteger HANGING = new AtomicInteger();
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[4]")
                .setAppName("rounds")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** What a client does at the third batch of a round instead of going on. */
  private enum Fate {
    HANG {
      @Override
      double weight() {
        HANGING.incrementAndGet();
        try {
          new CountDownLatch(1).await();
          throw new IllegalStateException("nobody opens it");
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        } finally {
          HANGING.decrementAndGet();
        }
      }
    },
    THROW {
      @Override
      double weight() {
        throw new IllegalStateException("the battery is flat");
      }
    },
    NAN {
      @Override
      double weight() {
        return Double.NaN;
      }
    };

    abstract double weight();
  }

  /** Some clients meet their fate, the others train. */
  private static final class Fateful implements Loss {
    private final Loss loss = new CrossEntropyLoss();
    private final Set<Integer> clients;
    private final Fate fate;
    private final Loss others;
    private int batches; // each task has a copy

    Fateful(Fate fate, Loss others, Set<Integer> clients) {
      this.clients = clients;
      this.fate = fate;
      this.others = others;
    }

    @Override
    public Tensor perSample(Tensor output, Targets target) {
      return loss.perSample(output, target);
    }

    @Override
    public double weight(Targets target) {
      TaskContext task = TaskContext.get();
      boolean isMet = task != null && clients.contains(task.partitionId()) && ++batches >= 3;
      return isMet ? fate.weight() : others.weight(target);
    }

    @Override
    public Spec toSpec() {
      return loss.toSpec();
    }
  }

  private static FederatedConfig config(
      FederatedAlgorithm algorithm, Participation participation, Loss loss) {
    return new FederatedConfig(
        new Sequential(new Flatten(), new Linear(784, 10)),
        loss,
        new SGD(0.1),
        new Schedule.Constant(),
        algorithm,
        4,
        participation,
        LocalTraining.of(2, 5),
        null,
        SEED);
  }

  private static SyntheticDigits digits() {
    return SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081)).range(0, 400);
  }

  private static ClientSource clients(int parts) {
    return ClientShuffle.dealt(
        DatasetRows.drawn(spark, ClusterRoundTest::digits), new Iid(), CLIENTS, SEED, parts);
  }

  private static final class Rounds implements FederatedListener {
    private final List<RoundResult> all = new ArrayList<>();

    @Override
    public void roundEnded(RoundReport report) {
      all.add(report.result());
    }
  }

  /** Runs all rounds; then repeats them in one process among those that were recorded. */
  private static List<RoundResult> assertReplayedToTheSameBits(
      FederatedConfig config, int deadlineSeconds) {
    Rounds rounds = new Rounds();
    FederatedOptions options =
        new FederatedOptions(deadlineSeconds, 1, 2, Optional.empty(), 1, false);
    float[] values =
        new FederatedJob(config, options, List.of(rounds)).run(clients(CLIENTS), Optional.empty());
    LocalFederation replay =
        new LocalFederation(
            config(config.algorithm(), config.participation(), new CrossEntropyLoss()),
            ClientSlices.of(digits(), new Iid(), CLIENTS, SEED),
            List.of());
    for (RoundResult recorded : rounds.all) {
      RoundResult again = replay.round(plan -> plan.answeredBy(recorded.answered()));
      assertThat(again.answered()).containsExactly(recorded.answered());
      assertThat(again.train()).isEqualTo(recorded.train());
    }
    assertThat(values).containsExactly(replay.server().values());
    return rounds.all;
  }

  private static int[] askedFirst(FederatedConfig config) {
    return RoundPlan.of(config, CLIENTS, 0).asked();
  }

  /** Eight are wanted and twelve asked, of whom two hang. */
  @Test
  void aRoundEndsWithThoseThatWereInTimeAndCancelsTheOthers() {
    Participation who = new Participation(0.4, 1.5, 0);
    int[] asked = askedFirst(config(new FedAvg(), who, new CrossEntropyLoss()));
    Set<Integer> hanging = Set.of(asked[0], asked[5]);
    List<RoundResult> rounds =
        assertReplayedToTheSameBits(
            config(new FedAvg(), who, new Fateful(Fate.HANG, new CrossEntropyLoss(), hanging)), 0);
    assertThat(rounds).hasSize(4);
    for (RoundResult round : rounds) {
      assertThat(round.asked()).isEqualTo(12);
      assertThat(round.answered()).hasSize(8).doesNotContain(asked[0], asked[5]);
    }
    assertRepeatedOnTheCluster(who, rounds);
    assertThat(spark.sc().getLocalProperty("spark.job.interruptOnCancel")).isNull();
  }

  /** In other partitions, with nobody that hangs: who was not counted is not now. */
  private static void assertRepeatedOnTheCluster(Participation who, List<RoundResult> recorded) {
    SortedMap<Integer, int[]> answered = new TreeMap<>();
    recorded.forEach(round -> answered.put(round.round(), round.answered()));
    Rounds again = new Rounds();
    new FederatedJob(
            config(new FedAvg(), who, new CrossEntropyLoss()),
            FederatedOptions.plain(),
            List.of(again))
        .replaying(new RecordedRounds(answered))
        .run(clients(3), Optional.empty());
    assertThat(again.all).usingRecursiveComparison().isEqualTo(recorded);
  }

  /** How many are in time depends on the machine; who hangs is not among them. */
  @Test
  void aTaskThatHangsHoldsNobodyUpForLongerThanTheDeadline() {
    Participation who = Participation.of(1);
    FederatedConfig config =
        new FederatedConfig(
            config(new FedAvg(), who, new CrossEntropyLoss()).model(),
            new Fateful(Fate.HANG, new CrossEntropyLoss(), Set.of(7)),
            new SGD(0.1),
            new Schedule.Constant(),
            new FedAvg(),
            1,
            who,
            LocalTraining.of(2, 5),
            null,
            SEED);
    List<RoundResult> rounds = assertReplayedToTheSameBits(config, 2);
    assertThat(rounds.get(0).answered()).doesNotContain(7);
    await("the task to be interrupted")
        .atMost(Duration.ofMinutes(1))
        .until(() -> HANGING.get() == 0);
  }

  @Test
  void clientsThatThrowOrSendWhatIsNoNumberAreLeftOutAndNamed() {
    Loss loss =
        new Fateful(
            Fate.THROW, new Fateful(Fate.NAN, new CrossEntropyLoss(), Set.of(4)), Set.of(11));
    List<RoundResult> rounds =
        assertReplayedToTheSameBits(config(new FedAvg(), Participation.of(1), loss), 0);
    for (RoundResult round : rounds) {
      assertThat(round.answered()).hasSize(18).doesNotContain(4, 11);
      assertThat(round.failed()).containsOnlyKeys(4, 11);
      assertThat(round.failed().get(11).reason()).isEqualTo("the battery is flat");
      assertThat(round.failed().get(4).isDiverged()).isTrue();
    }
  }

  @Test
  void aRunOfWhichNothingComesButFailuresEnds() {
    Set<Integer> everybody = Set.copyOf(IntStream.range(0, CLIENTS).boxed().toList());
    for (Fate fate : List.of(Fate.THROW, Fate.NAN)) {
      Rounds rounds = new Rounds();
      FederatedConfig config =
          config(
              new FedAvg(),
              Participation.of(0.2),
              new Fateful(fate, new CrossEntropyLoss(), everybody));
      assertThatThrownBy(
              () ->
                  new FederatedJob(config, FederatedOptions.plain(), List.of(rounds))
                      .run(clients(2), Optional.empty()))
          .isInstanceOfSatisfying(
              TrainingException.class,
              e -> assertThat(e.kind()).isEqualTo(fate == Fate.NAN ? Kind.DIVERGED : Kind.WORKER))
          .hasMessageContaining("no client of round 3 gave an update");
      assertThat(rounds.all).hasSize(2);
    }
  }

  @Test
  void aPartitionIsSentTheControlVariatesOfItsOwnClientsAlone() {
    FederatedConfig config = config(new Scaffold(1), Participation.of(0.5), new CrossEntropyLoss());
    FederatedServer server = new FederatedServer(config, CLIENTS);
    Node[] places = {new Node(0, 3), new Node(3, 3), new Node(3, 10)};
    try (RoundControls controls = RoundControls.of(spark, server, server.plan(), places)) {
      assertThat(controls.of(0).clients()).hasDimensions(3, 7850);
      assertThat(controls.own().get(1)).isNull();
      assertThat(controls.of(2).clients()).hasDimensions(7, 7850);
    }
  }
}
