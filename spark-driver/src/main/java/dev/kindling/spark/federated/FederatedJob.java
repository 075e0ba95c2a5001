package dev.kindling.spark.federated;

import dev.kindling.federated.ClientFailure;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.FederatedSnapshot;
import dev.kindling.federated.RoundResult;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.train.MetricSums;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.broadcast.Broadcast;

/**
 * Federated averaging on a cluster. A round is one Spark job: each Spark partition trains the asked
 * clients it holds, one after the other, and answers with the sums of the tree's nodes that lie
 * whole in it; the driver completes the tree. Spark computes a lost task again, to the same bits. A
 * client that throws or whose update is not finite is left out and named in the log. Used once.
 */
public final class FederatedJob {
  /** So many rounds in a row of which nothing came but failures end the run. */
  private static final int FRUITLESS = 3;

  private final FederatedConfig config;
  private final FederatedOptions options;
  private final List<FederatedListener> listeners;
  private volatile boolean isInterrupted;
  private RecordedRounds recorded;
  private int fruitless;

  /** A run that has not begun. */
  public FederatedJob(
      FederatedConfig config, FederatedOptions options, List<FederatedListener> listeners) {
    this.config = config;
    this.options = options;
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Repeats rounds among those that answered in them, and waits for each. Before {@link #run}.
   *
   * @return this
   */
  public FederatedJob replaying(RecordedRounds rounds) {
    recorded = rounds;
    return this;
  }

  /** Asks the run to end after its round, with a checkpoint. From any thread. */
  public void interrupt() {
    isInterrupted = true;
  }

  /**
   * All rounds.
   *
   * @param test rows to evaluate on, if any
   * @return the flat vector of the trained parameters
   * @throws dev.kindling.data.DataException when there is no row, or more bad ones than may be
   *     skipped
   */
  public float[] run(ClientSource source, Optional<RowSource> test) {
    try (Clients clients = Clients.of(source)) {
      FederatedServer server = server(clients.count());
      tell(l -> l.started(config, clients.count(), clients.totalRows(), server.round()));
      rounds(clients, server, test.map(rows -> TestRows.of(config, rows)));
      return server.values();
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoints cannot be read: " + e.getMessage(), e);
    }
  }

  private void tell(Consumer<FederatedListener> event) {
    listeners.forEach(event);
  }

  private FederatedServer server(int clients) throws IOException {
    Optional<FederatedSnapshot> kept =
        options.resume() && options.checkpoints().isPresent()
            ? options.checkpoints().get().newest()
            : Optional.empty();
    if (kept.isPresent() && kept.get().clients() != clients) {
      throw new TrainingException(
          Kind.WORKER,
          "the checkpoint is of a run with %d clients; the data have %d"
              .formatted(kept.get().clients(), clients),
          null);
    }
    return kept.map(snapshot -> FederatedServer.of(config, clients, snapshot))
        .orElseGet(() -> new FederatedServer(config, clients));
  }

  private void rounds(Clients clients, FederatedServer server, Optional<TestRows> test) {
    ClusterRound round =
        new ClusterRound(config, clients, options.deadlineSeconds(), Optional.ofNullable(recorded));
    Broadcast<float[]> values = broadcast(clients, server);
    boolean isReached = false;
    while (server.round() < config.rounds() && !isReached) {
      long start = System.nanoTime();
      RoundResult result = round.run(server, values);
      double seconds = (System.nanoTime() - start) / 1e9;
      values.unpersist(false);
      requireAnswers(result);
      requireFinite(server, result);
      values = broadcast(clients, server);
      MetricSums accuracy = evaluated(test, values, result.round());
      tell(listener -> listener.roundEnded(new RoundReport(result, accuracy, seconds)));
      isReached = accuracy.accuracy() >= options.targetAccuracy();
      keep(server, isReached);
    }
    values.unpersist(false);
  }

  /** A copy: the server's own array changes. */
  private static Broadcast<float[]> broadcast(Clients clients, FederatedServer server) {
    return clients.spark().broadcast(server.values().clone());
  }

  /**
   * One bad client is left out; where nobody's training gives anything, round after round, the
   * fault is not a client's.
   */
  private void requireAnswers(RoundResult result) {
    boolean isFruitless = result.answered().length == 0 && !result.failed().isEmpty();
    fruitless = isFruitless ? fruitless + 1 : 0;
    if (fruitless == FRUITLESS || isFruitless && result.round() == config.rounds()) {
      ClientFailure first = result.failed().values().iterator().next();
      throw new TrainingException(
          first.isDiverged() ? Kind.DIVERGED : Kind.WORKER,
          "no client of round %d gave an update: %s".formatted(result.round(), first),
          null);
    }
  }

  private static void requireFinite(FederatedServer server, RoundResult result) {
    float[] values = server.values();
    float sum = 0;
    for (float value : values) {
      sum += value * 0; // NaN and infinity stay
    }
    if (sum != 0) {
      throw new TrainingException(
          Kind.DIVERGED,
          "the parameters are not finite after round %d; lower optimizer.lr or federated.server.lr"
              .formatted(result.round()),
          null);
    }
  }

  private MetricSums evaluated(Optional<TestRows> test, Broadcast<float[]> values, int round) {
    boolean isTurn = round % options.evaluateEvery() == 0 || round == config.rounds();
    return test.isPresent() && isTurn ? test.get().evaluate(values) : new MetricSums(0, 0, 0);
  }

  private void keep(FederatedServer server, boolean isLast) {
    boolean isDone = isLast || server.round() == config.rounds();
    if (isDone || isInterrupted || server.round() % options.checkpointEvery() == 0) {
      options.checkpoints().ifPresent(kept -> write(kept, server));
    }
    if (isInterrupted && !isDone) {
      throw new TrainingException(
          Kind.INTERRUPTED, "interrupted after round " + server.round(), null);
    }
  }

  private void write(FederatedCheckpoints checkpoints, FederatedServer server) {
    try {
      checkpoints.write(server.snapshot());
    } catch (IOException e) {
      tell(listener -> listener.checkpointFailed(e.getMessage()));
    }
  }
}
