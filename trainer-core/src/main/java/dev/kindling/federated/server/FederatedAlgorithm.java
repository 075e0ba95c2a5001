package dev.kindling.federated.server;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/**
 * How a round moves the parameters, given the mean d of the clients' updates (what they ended with
 * less what they began with), and what it asks of the clients. Immutable.
 */
public sealed interface FederatedAlgorithm extends Serializable
    permits FedAvg, FedAvgM, FedProx, AdaptiveAlgorithm, Scaffold {

  /** The types that can be written. */
  List<String> TYPES =
      List.of("FedAvg", "FedAvgM", "FedProx", "FedAdagrad", "FedAdam", "FedYogi", "SCAFFOLD");

  /** Names of the vectors that the server keeps for the parameters. */
  default List<String> stateNames() {
    return List.of();
  }

  /** Fills those vectors before the first round. */
  default void start(float[][] state) {}

  /**
   * Moves the first {@code length} elements of {@code values}.
   *
   * @param delta the mean update
   */
  void apply(float[] values, float[] delta, float[][] state, int length);

  /** The weight of {@code mu / 2 * |w - w0|^2}, which clients add to their loss. */
  default double mu() {
    return 0;
  }

  /** Whether clients correct their gradients by control variates. */
  default boolean hasControls() {
    return false;
  }

  /** The written form, read back by {@link #of}. */
  Spec toSpec();

  /**
   * Reads an algorithm from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static FederatedAlgorithm of(Spec spec) {
    return switch (spec.type()) {
      case "FedAvg" -> FedAvg.of(spec);
      case "FedAvgM" -> FedAvgM.of(spec);
      case "FedProx" -> FedProx.of(spec);
      case "FedAdagrad" -> FedAdagrad.of(spec);
      case "FedAdam" -> FedAdam.of(spec);
      case "FedYogi" -> FedYogi.of(spec);
      case "SCAFFOLD" -> Scaffold.of(spec);
      default -> throw SpecException.unknown("federated.server", "type", spec.type(), TYPES);
    };
  }

  /** {@code w = w + lr * d}. */
  static void add(float[] values, float[] delta, double lr, int length) {
    float rate = (float) lr;
    for (int i = 0; i < length; i++) {
      values[i] += rate * delta[i];
    }
  }

  /** Refuses a rate that is none. */
  static void positive(String type, String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be a finite number above 0".formatted(type, name, value));
    }
  }

  /** Refuses what is not in [0, 1). */
  static void fraction(String type, String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be in [0, 1)".formatted(type, name, value));
    }
  }
}
