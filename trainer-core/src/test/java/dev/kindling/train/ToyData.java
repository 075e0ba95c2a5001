package dev.kindling.train;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small classification data: the class is the brightest of four quarters of a noisy picture. */
final class ToyData {
  static final int CLASSES = 4;
  static final RowFormat FORMAT =
      new RowFormat(
          List.of(1, 4, 4),
          ElementType.UINT8,
          Target.label(CLASSES),
          Normalisation.pixels(0.3, 0.3));

  private ToyData() {}

  static List<Slice> slices(int rows, int replicas, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SliceBuilder> builders = new ArrayList<>();
    for (int r = 0; r < replicas; r++) {
      builders.add(new SliceBuilder(FORMAT));
    }
    for (int i = 0; i < rows; i++) {
      builders.get(i % replicas).append(row(random));
    }
    return builders.stream().map(SliceBuilder::build).toList();
  }

  private static byte[] row(SplittableRandom random) {
    int label = random.nextInt(CLASSES);
    ByteBuffer row = ByteBuffer.allocate(FORMAT.length()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < FORMAT.features(); i++) {
      row.put((byte) (random.nextInt(120) + (i / 4 == label ? 100 : 0)));
    }
    return row.putInt(label).putFloat(1).array();
  }

  static TrainingConfig config(int batchSize, int replicas) {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(16, 24),
            new ReLU(),
            new Linear(24, 8),
            new ReLU(),
            new Linear(8, CLASSES));
    return config(model, batchSize, replicas);
  }

  static TrainingConfig config(Module model, int batchSize, int replicas) {
    return new TrainingConfig(
        model,
        new CrossEntropyLoss(),
        new Adam(0.01),
        new Schedule.Constant(),
        batchSize,
        2,
        replicas,
        7);
  }
}
