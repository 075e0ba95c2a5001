package dev.kindling.federated;

import dev.kindling.federated.privacy.ClientPrivacy;
import dev.kindling.federated.privacy.PrivacyAccountant;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.MetricSums;
import dev.kindling.train.VectorMemory;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The parameters of a federated run and what the server keeps beside them; moves them once a round.
 * For SCAFFOLD that is a control variate for each client that has taken part: as large as the
 * parameters, in memory. Not thread-safe.
 */
public final class FederatedServer {
  private final FederatedConfig config;
  private final int clients;
  private final int parameters;
  private final Optional<PrivacyAccountant> accountant;
  private final float[] values;
  private final float[][] state;
  private final float[] control;
  private final SortedMap<Integer, float[]> controls = new TreeMap<>();
  private int round;

  /**
   * A run that has not begun, among so many clients.
   *
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together
   */
  public FederatedServer(FederatedConfig config, int clients) {
    this(
        config,
        clients,
        0,
        initialValues(config),
        new float[config.algorithm().stateNames().size()][(int) config.layout().parameters()]);
    config.algorithm().start(state);
  }

  /** Checks first whether all vectors fit, the control variates of single clients left out. */
  private static float[] initialValues(FederatedConfig config) {
    VectorMemory.of(config.layout())
        .with("parameters, the layers' own and all in one", 2)
        .with("the server's", config.algorithm().stateNames().size())
        .with("control variates", config.algorithm().hasControls() ? 1 : 0)
        .with("the clients' updates", 1)
        .require();
    return FlatParameters.initialize(config.model(), config.seed());
  }

  private FederatedServer(
      FederatedConfig config, int clients, int round, float[] values, float[][] state) {
    this.config = config;
    this.clients = clients;
    this.round = round;
    this.values = values;
    this.state = state;
    parameters = Math.toIntExact(config.layout().parameters());
    accountant = config.accountant();
    control = new float[config.algorithm().hasControls() ? parameters : 0];
  }

  /** Goes on where a checkpoint was taken; takes its arrays. */
  public static FederatedServer of(FederatedConfig config, int clients, FederatedSnapshot kept) {
    FederatedServer server =
        new FederatedServer(config, clients, kept.round(), kept.values(), kept.state());
    System.arraycopy(kept.control(), 0, server.control, 0, server.control.length);
    server.controls.putAll(kept.controls());
    return server;
  }

  /** Rounds done. */
  public int round() {
    return round;
  }

  /** Clients of the run. */
  public int clients() {
    return clients;
  }

  /** The flat vector as it stands; shared, and changed by {@link #apply}. */
  public float[] values() {
    return values;
  }

  /** What a client needs for SCAFFOLD; null for other algorithms. */
  public Correction correction(int client) {
    if (!config.algorithm().hasControls()) {
      return null;
    }
    float[] own = controls.get(client);
    return new Correction(control, own == null ? new float[parameters] : own);
  }

  /** Who is asked in the next round. */
  public RoundPlan plan() {
    return RoundPlan.of(config, clients, round);
  }

  /**
   * Ends a round.
   *
   * @param sum of the updates; empty when nobody answered, and then the parameters stay
   * @param failed why clients broke off, by number
   */
  public RoundResult apply(
      RoundPlan plan, Optional<UpdateSum> sum, SortedMap<Integer, ClientFailure> failed) {
    if (config.privacy() != null) {
      float[] deltas = sum.map(UpdateSum::deltas).orElseGet(() -> new float[values.length]);
      move(deltas, withNoise(deltas, config.privacy()));
    } else {
      sum.ifPresent(all -> move(all.deltas(), 1 / all.weight()));
    }
    sum.ifPresent(all -> all.controls().forEach(this::replace));
    round++;
    double epsilon = accountant.map(a -> a.epsilon(round, config.privacy().delta())).orElse(0.0);
    return new RoundResult(
        round,
        plan.asked().length,
        sum.map(UpdateSum::answered).orElse(new int[0]),
        failed,
        sum.map(UpdateSum::metrics).orElse(new MetricSums(0, 0, 0)),
        epsilon);
  }

  /** Adds the noise; returns the fixed scale that makes a mean of the sum. */
  private double withNoise(float[] deltas, ClientPrivacy privacy) {
    privacy.addNoise(deltas, parameters, config.seed(), round);
    return 1 / (config.participation().fraction() * clients);
  }

  private void move(float[] deltas, double scale) {
    for (int i = 0; i < deltas.length; i++) {
      deltas[i] = (float) (deltas[i] * scale);
    }
    config.algorithm().apply(values, deltas, state, parameters);
    for (int i = parameters; i < deltas.length; i++) {
      values[i] += deltas[i]; // running statistics: the clients' mean
    }
  }

  /** {@code c = c + (c_k' - c_k) / K}, client by client in ascending order. */
  private void replace(int client, float[] next) {
    float[] before = controls.put(client, next);
    float share = 1f / clients;
    for (int i = 0; i < control.length; i++) {
      control[i] += (next[i] - (before == null ? 0 : before[i])) * share;
    }
  }

  /** All that {@link #of} needs; shares the arrays, so write it before the next round. */
  public FederatedSnapshot snapshot() {
    return new FederatedSnapshot(round, clients, values, state, control, controls);
  }
}
