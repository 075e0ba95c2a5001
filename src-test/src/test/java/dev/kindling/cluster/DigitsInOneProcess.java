package dev.kindling.cluster;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What {@code examples/digits-mlp.yaml} must give: the same training in this process. */
final class DigitsInOneProcess {
  private DigitsInOneProcess() {}

  /** The SHA-256 of the parameters that {@code summary.json} must show. */
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
    SyntheticDigits digits = SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081));
    LocalTrainer trainer =
        new LocalTrainer(config, new RowOrder(1).slices(digits, replicas), List.of());
    trainer.fit();
    ByteBuffer bytes =
        ByteBuffer.allocate((int) config.layout().parameters() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(trainer.values(), 0, bytes.capacity() / Float.BYTES);
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
