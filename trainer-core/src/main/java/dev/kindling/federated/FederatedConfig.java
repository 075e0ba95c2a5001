package dev.kindling.federated;

import dev.kindling.federated.privacy.ClientPrivacy;
import dev.kindling.federated.privacy.PrivacyAccountant;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.TrainingConfig;
import java.io.Serializable;
import java.util.Optional;

/**
 * What is learned by federated averaging, and how: all that decides the bits of the result, beside
 * the clients' data and who answered. Immutable.
 *
 * @param model the network's description
 * @param loss of a sample
 * @param optimizer of the clients; its state starts anew in each round
 * @param schedule of the clients' rate; a round is a step and an epoch
 * @param algorithm what the server does with the mean update
 * @param rounds how many
 * @param participation who takes part in a round
 * @param local how a client trains
 * @param privacy clipping and noise; null without
 * @param seed of the initial parameters, the clients' choice, the order of their rows and the noise
 */
public record FederatedConfig(
    Module model,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    FederatedAlgorithm algorithm,
    int rounds,
    Participation participation,
    LocalTraining local,
    ClientPrivacy privacy,
    long seed)
    implements Serializable {

  /** Checks what does not go together. */
  public FederatedConfig {
    if (rounds < 1) {
      throw new IllegalArgumentException(
          "federated.rounds is " + rounds + "; it must be at least 1");
    }
    if (!model.namedSparseParameters().isEmpty()) {
      throw new IllegalArgumentException(
          "model: %s would be rows of a table (sparse), and federated rounds average whole models; set sparse of Embedding to false"
              .formatted(model.namedSparseParameters().keySet().iterator().next()));
    }
    if (schedule.plateau().isPresent()) {
      throw new IllegalArgumentException(
          "schedule: ReduceLROnPlateau does not work over rounds; choose StepLR or ExponentialLR");
    }
    if (algorithm.hasControls() && !(optimizer instanceof SGD sgd && sgd.momentum() == 0)) {
      throw new IllegalArgumentException(
          "federated.server is SCAFFOLD, whose clients take plain steps; set optimizer to SGD without momentum, groups and clipping");
    }
    if (privacy != null) {
      checkPrivacy(model, algorithm, participation);
    }
  }

  private static void checkPrivacy(
      Module model, FederatedAlgorithm algorithm, Participation participation) {
    if (algorithm.hasControls()) {
      throw new IllegalArgumentException(
          "federated.privacy does not cover SCAFFOLD's control variates; choose another federated.server");
    }
    if (!model.namedStatistics().isEmpty()) {
      throw new IllegalArgumentException(
          "federated.privacy does not cover running statistics (%s); use GroupNorm or LayerNorm instead of BatchNorm"
              .formatted(String.join(", ", model.namedStatistics().keySet())));
    }
    if (participation.overSelection() != 1) {
      throw new IllegalArgumentException(
          "federated.over_selection is %s: with privacy each client takes part with the probability federated.fraction; set it to 1"
              .formatted(participation.overSelection()));
    }
  }

  /** Clipping and noise, where there are any. */
  public Optional<ClientPrivacy> clientPrivacy() {
    return Optional.ofNullable(privacy);
  }

  /** What rounds cost, where updates are clipped and get noise. */
  public Optional<PrivacyAccountant> accountant() {
    return clientPrivacy()
        .map(kept -> new PrivacyAccountant(kept.noiseMultiplier(), participation.fraction()));
  }

  /** What stands where in the flat vector. */
  public FlatLayout layout() {
    return FlatParameters.layoutOf(model);
  }

  /** For evaluation: network and loss. */
  public TrainingConfig evaluation() {
    return new TrainingConfig(model, loss, optimizer, new Schedule.Constant(), 1, 1, 1, seed);
  }
}
