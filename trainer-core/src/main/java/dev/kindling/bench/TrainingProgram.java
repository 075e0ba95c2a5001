package dev.kindling.bench;

import dev.kindling.autograd.Gradients;
import dev.kindling.autograd.Plan;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Module;
import dev.kindling.nn.StepContext;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A training step to be timed: a network on rows of random features and labels, one replica.
 *
 * @param network makes it anew: every trainer needs its own
 */
record TrainingProgram(
    String name,
    String description,
    int batchSize,
    RowFormat format,
    Optimizer optimizer,
    Supplier<Module> network) {
  private static final long SEED = 1;
  private static final int BATCHES = 64;

  /** A trainer with the data of {@value #BATCHES} steps, over and over. */
  LocalTrainer trainer() {
    TrainingConfig config =
        new TrainingConfig(
            network.get(),
            new CrossEntropyLoss(),
            optimizer,
            new Schedule.Constant(),
            batchSize,
            1,
            1,
            SEED);
    return new LocalTrainer(config, List.of(rows()), List.of());
  }

  private Slice rows() {
    SplittableRandom random = new SplittableRandom(SEED);
    int classes = ((Target.Labels) format.target()).classes();
    SliceBuilder rows = new SliceBuilder(format);
    for (int i = 0; i < BATCHES * batchSize; i++) {
      RowEncoder row = new RowEncoder(format);
      features(row, random);
      rows.append(row.label(random.nextInt(classes)).row());
    }
    return rows.build();
  }

  private void features(RowEncoder row, SplittableRandom random) {
    switch (format.element()) {
      case UINT8 -> {
        byte[] bytes = new byte[format.features()];
        random.nextBytes(bytes);
        row.bytes(bytes, 0);
      }
      case FLOAT32 -> {
        float[] floats = new float[format.features()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) random.nextDouble(-1, 1);
        }
        row.floats(floats, 0);
      }
    }
  }

  /**
   * Floating-point operations that the products of a step need: forward, gradients of all weights,
   * and of the inputs of all layers but those that see the features.
   */
  double flop() {
    Module model = network.get().train();
    StepContext context = new StepContext(SEED);
    model.bind(context);
    List<Integer> sizes = new ArrayList<>(format.shape());
    sizes.add(0, batchSize);
    context.beginCapture();
    Tensor output = model.forward(Tensor.placeholder(Shape.of(sizes)));
    context.endCapture();
    List<Tensor> parameters = new FlatParameters(model).tensors();
    return 2.0 * Plan.of(Gradients.of(output.square().sum(), parameters)).multiplyAdds();
  }
}
