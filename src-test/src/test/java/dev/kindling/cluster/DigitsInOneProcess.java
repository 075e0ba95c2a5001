package dev.kindling.cluster;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.LocalFederation;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.LabelShards;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What the examples that draw digits must give: the same training in this process. */
final class DigitsInOneProcess {
  private DigitsInOneProcess() {}

  private static final SyntheticDigits DIGITS =
      SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081));

  /** The SHA-256 of the parameters of {@code digits-mlp.yaml}, as in {@code summary.json}. */
  static String hash(int epochs, int replicas) {
    TrainingConfig config =
        new TrainingConfig(
            new Sequential(
                new Flatten(),
                new Linear(784, 128),
                new ReLU(),
                new Linear(128, 64),
                new ReLU(),
                new Linear(64, 10)),
            new CrossEntropyLoss(),
            new Adam(0.001),
            new Schedule.Constant(),
            64,
            epochs,
            replicas,
            1);
    LocalTrainer trainer =
        new LocalTrainer(config, new RowOrder(1).slices(DIGITS, replicas), List.of());
    trainer.fit();
    return hash(config.layout(), trainer.values());
  }

  /** The same of {@code fedavg/digits.yaml}. */
  static String federatedHash(int rounds) {
    FederatedConfig config =
        new FederatedConfig(
            new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10)),
            new CrossEntropyLoss(),
            new SGD(0.05),
            new Schedule.Constant(),
            new FedAvg(),
            rounds,
            Participation.of(0.2),
            LocalTraining.of(2, 20),
            null,
            1);
    LocalFederation federation =
        new LocalFederation(config, ClientSlices.of(DIGITS, new LabelShards(2), 50, 1), List.of());
    for (int round = 0; round < rounds; round++) {
      federation.round();
    }
    return hash(config.layout(), federation.server().values());
  }

  private static String hash(FlatLayout layout, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) layout.parameters() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, 0, bytes.capacity() / Float.BYTES);
    return HexFormat.of().formatHex(sha256().digest(bytes.array()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
