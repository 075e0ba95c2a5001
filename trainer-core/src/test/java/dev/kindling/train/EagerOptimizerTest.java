package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Slice;
import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loop written by hand does what the trainer does. */
class EagerOptimizerTest {
  private static final int ROWS = 40;
  private static final int STEPS = 12;

  private static Sequential network() {
    return new Sequential(
        new Flatten(), new Linear(16, 6), new BatchNorm1d(6), new Linear(6, ToyData.CLASSES));
  }

  static Stream<Optimizer> rules() {
    return Stream.of(
        new SGD(0.1, 0.9),
        Optimizer.of(Spec.of("SGD", "lr", 0.5, "clip_norm", 0.1)),
        Optimizer.of(
            Spec.of("LARS", "lr", 0.5, "groups", List.of(Map.of("dims", 1, "trust", false)))));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void twelveStepsAreThoseOfTheTrainer(Optimizer rule) {
    List<Slice> slices = ToyData.slices(ROWS, 1, 3);
    TrainingConfig plain = ToyData.config(network(), ROWS, 1);
    TrainingConfig config =
        new TrainingConfig(
            plain.model(), plain.loss(), rule, plain.schedule(), ROWS, STEPS, 1, plain.seed());
    LocalTrainer trainer = new LocalTrainer(config, slices, List.of());
    trainer.fit();

    Module model = network().initialize(plain.seed());
    EagerOptimizer optimizer = new EagerOptimizer(model, rule);
    float[] pixels = new float[ROWS * 16];
    int[] labels = new int[ROWS];
    slices.get(0).gather(IntStream.range(0, ROWS).toArray(), 0, ROWS, pixels, 0, labels, 0);
    Tensor x = Tensor.of(pixels, ROWS, 16);
    Targets y = new Targets.Labels(IntTensor.of(labels));
    for (int i = 0; i < STEPS; i++) {
      optimizer.zeroGrad();
      new CrossEntropyLoss().forward(model.forward(x), y).backward();
      optimizer.step();
    }
    assertThat(optimizer.steps()).isEqualTo(STEPS);
    Map<String, Tensor> expected =
        FlatParameters.stateDict(FlatParameters.layoutOf(model), trainer.values());
    model
        .stateDict()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.toArray())
                    .as(name)
                    .containsExactly(expected.get(name).toArray(), Offset.offset(2e-4f)));
  }

  @Test
  void gradientsAddUpUntilTheyAreForgotten() {
    Linear line = new Linear(1, 1, false);
    line.loadStateDict(Map.of("weight", Tensor.of(new float[] {2}, 1, 1)));
    EagerOptimizer optimizer = new EagerOptimizer(line, new SGD(0.5));
    Tensor x = Tensor.full(Shape.of(1, 1), 3);
    line.forward(x).sum().backward();
    line.forward(x).sum().backward();
    optimizer.step();
    assertThat(line.stateDict().get("weight").item()).isEqualTo(2 - 0.5f * 6);
    optimizer.zeroGrad();
    optimizer.step();
    assertThat(line.stateDict().get("weight").item()).isEqualTo(-1);
  }

  @Test
  void whatHasNoGradientStaysAndTheRateFollowsItsSchedule() {
    Sequential both = new Sequential(new Linear(1, 1, false), new Linear(1, 1, false));
    both.initialize(1);
    Optimizer decaying = new SGD(0.1, 0, 0, 0.5, false);
    Schedule halving = Schedule.of(Spec.of("StepLR", "step_size", 2, "gamma", 0.5));
    EagerOptimizer optimizer = new EagerOptimizer(both, decaying, halving, 1);
    float before = both.stateDict().get("1.weight").item();
    float other = both.stateDict().get("0.weight").item();
    both.namedParameters().get("0.weight").tensor().sum().backward();
    optimizer.step();
    assertThat(both.stateDict().get("1.weight").item()).isEqualTo(before);
    assertThat(both.stateDict().get("0.weight").item())
        .isCloseTo(other - 0.1f * (1 + 0.5f * other), Offset.offset(1e-6f));
    optimizer.step();
    assertThat(optimizer.lr()).isEqualTo(0.05);
  }
}
