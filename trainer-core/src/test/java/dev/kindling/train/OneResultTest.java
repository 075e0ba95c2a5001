package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The bits of a short training are written down here: every JVM and processor that runs this test
 * must give them.
 */
class OneResultTest {
  private static final String PARAMETERS_SHA256 =
      "ddca72450e1983d213f43e49741c4024b946412c076a8ae19db652e9ca23e465";

  @Test
  void aShortTrainingHasTheSameBitsOnEveryJvmAndProcessor() throws NoSuchAlgorithmException {
    SyntheticDigits digits =
        SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081)).range(0, 1000);
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
            2,
            4,
            1);
    LocalTrainer trainer =
        new LocalTrainer(config, new RowOrder(1).slices(digits, 4), java.util.List.of());
    trainer.fit();
    assertThat(sha256(trainer.values(), (int) config.layout().parameters()))
        .isEqualTo(PARAMETERS_SHA256);
  }

  private static String sha256(float[] values, int length) throws NoSuchAlgorithmException {
    ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, 0, length);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }
}
