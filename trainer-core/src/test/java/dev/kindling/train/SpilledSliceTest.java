package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpilledSliceTest {
  private static final List<Slice> IN_MEMORY =
      new RowOrder(1).slices(SyntheticDigits.train(Normalisation.pixels()).range(0, 530), 2);
  private static final TrainingConfig CONFIG =
      new TrainingConfig(
          new Sequential(new Flatten(), new Linear(784, 10)),
          new CrossEntropyLoss(),
          new Adam(0.001),
          new Schedule.Constant(),
          64,
          3,
          2,
          1);

  @TempDir Path folder;

  private SpilledSlice spilled(Slice slice) {
    SpilledSlice.Builder builder = new SpilledSlice.Builder(slice.format(), folder);
    for (int row = slice.size() - 1; row >= 0; row--) {
      builder.put(row, slice.row(row)); // in any order
    }
    return builder.build();
  }

  @Test
  void aSliceOnDiskHasTheSameRowsAndChecksum() throws IOException {
    Slice slice = IN_MEMORY.get(0);
    try (SpilledSlice onDisk = spilled(slice)) {
      assertThat(onDisk.size()).isEqualTo(slice.size());
      assertThat(onDisk.checksum()).isEqualTo(slice.checksum());
      assertThat(onDisk.block(100, 3).row(2)).isEqualTo(slice.row(102));
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void trainingFromDiskGivesTheSameBitsAndSoDoesStartingInTheMiddle() {
    List<SpilledSlice> onDisk = new ArrayList<>();
    IN_MEMORY.forEach(slice -> onDisk.add(spilled(slice)));
    LocalTrainer trainer = new LocalTrainer(CONFIG, IN_MEMORY, List.of());
    ReplicaSlices data =
        new ReplicaSlices(
            IN_MEMORY.get(0).format(),
            onDisk,
            0,
            new dev.kindling.data.BatchShares(530, 2, 64),
            CONFIG.seed());
    ReplicaStep step = new ReplicaStep(CONFIG, 0, 2);
    ReplicaSlices expectedData =
        new ReplicaSlices(
            IN_MEMORY.get(0).format(),
            IN_MEMORY,
            0,
            new dev.kindling.data.BatchShares(530, 2, 64),
            CONFIG.seed());
    ReplicaStep expectedStep = new ReplicaStep(CONFIG, 0, 2);
    float[] values = trainer.values();
    for (long s : new long[] {0, 1, 2, 7, 8, 9, 10, 3, 26, 0}) {
      List<float[]> sums = new ArrayList<>();
      List<float[]> expected = new ArrayList<>();
      step.run(s, values, data, (at, b, lo, hi, g, w) -> sums.add(g.clone()));
      expectedStep.run(s, values, expectedData, (at, b, lo, hi, g, w) -> expected.add(g.clone()));
      assertThat(sums).as("step %d", s).usingRecursiveComparison().isEqualTo(expected);
    }
    Evaluator evaluator = new Evaluator(CONFIG);
    assertThat(evaluator.evaluate(values, onDisk.get(0)))
        .isEqualTo(evaluator.evaluate(values, IN_MEMORY.get(0)));
    onDisk.forEach(SpilledSlice::close);
  }
}
