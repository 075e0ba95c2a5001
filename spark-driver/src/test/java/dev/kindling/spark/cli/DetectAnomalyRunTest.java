package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train.detect_anomaly} of a configuration: a NaN is traced to the operation. */
class DetectAnomalyRunTest {
  /** Products of the second layer are larger than a float can be. */
  private static final String OVERFLOWING =
      "model=[Flatten, Linear: {in: 784, out: 16, init: {weight: {Constant: {value: 1.0e+20}}}},"
          + " ReLU, Linear: {in: 16, out: 10, init: {weight: {Constant: {value: 1.0e+20}}}}]";

  @TempDir Path folder;

  @Test
  void theOperationThatMadeItIsNamedWithItsStepReplicaAndShapes() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    CommandLineRun.Result found =
        runs.train("found", "--set", OVERFLOWING, "--set", "train.detect_anomaly=true");
    assertThat(found.code()).as(found.errors()).isNotZero();
    assertThat(found.errors())
        .containsPattern("step 0, replica [01]: Linear made NaN or infinity: output \\[25,10\\]")
        .contains("input 1 [10,16]: from 1.0E20 to 1.0E20")
        .doesNotContain("\tat ");
  }
}
