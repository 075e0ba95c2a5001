package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.Slice;
import dev.kindling.kernel.Philox;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.optim.LARS;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Goyal et al. (2017) do beside scaling the rate and warming up. */
class LargeBatchRecipeTest {
  private static final long SEED = 11;
  private static final int REPLICAS = 4;
  private static final int SHARE = 8;

  private static Module normalised() {
    return Modules.of(
        List.of(
            "Flatten",
            Map.of("Linear", Map.of("in", 16, "out", 6)),
            Map.of("BatchNorm1d", Map.of("features", 6)),
            Map.of("Linear", Map.of("in", 6, "out", ToyData.CLASSES))));
  }

  private static LocalTrainer trainer(Optimizer optimizer, int batch, List<Slice> slices) {
    return new LocalTrainer(
        new TrainingConfig(
            normalised(),
            new CrossEntropyLoss(),
            optimizer,
            new Schedule.Constant(),
            batch,
            1,
            slices.size(),
            SEED),
        slices,
        List.of());
  }

  static List<Optimizer> withMomentum() {
    return List.of(new SGD(0.1, 0.9), new LARS(0.1, 0.9, 0, 1e-3, 0, false));
  }

  /** {@code v = m * lr / lr' * v + lr * g; p = p - v}, lr' being the rate of the step before. */
  @ParameterizedTest
  @MethodSource("withMomentum")
  void theMomentumIsCorrectedWhenTheRateChanges(Optimizer rule) {
    float[] rates = {0.01f, 0.02f, 0.08f, 0.08f, 0.008f};
    Update update = new Update();
    update.current = new float[] {1};
    update.next = new float[1];
    update.state = new float[1][1];
    update.to = 1;
    update.gradientScale = 1;
    double p = 1;
    double v = 0;
    for (int step = 0; step < rates.length; step++) {
      float g = (float) Math.rint(8 * p) / 8 + step;
      update.gradient = new float[] {g};
      update.lr = rates[step];
      update.step = step;
      rule.update(update);
      v = (step == 0 ? 0 : 0.9 * rates[step] / rates[step - 1] * v) + rates[step] * g;
      p -= v;
      assertThat(update.next[0]).as("step %d", step).isCloseTo((float) p, within(1e-5f));
      update.current[0] = update.next[0];
    }
  }

  /** One step on four shares is the mean of four steps, each with the statistics of its share. */
  @Test
  void batchNormTakesItsStatisticsOverAShareOfFixedSize() {
    List<Slice> slices = ToyData.slices(REPLICAS * SHARE, REPLICAS, SEED);
    LocalTrainer together = trainer(new SGD(0.5), REPLICAS * SHARE, slices);
    together.step();
    int parameters = (int) FlatParameters.layoutOf(normalised()).parameters();
    double[] mean = new double[parameters];
    for (Slice slice : slices) {
      LocalTrainer alone = trainer(new SGD(0.5), SHARE, List.of(slice));
      alone.step();
      for (int i = 0; i < parameters; i++) {
        mean[i] += alone.values()[i] / REPLICAS;
      }
    }
    for (int i = 0; i < parameters; i++) {
      assertThat((double) together.values()[i]).isCloseTo(mean[i], within(1e-5));
    }
    LocalTrainer whole =
        trainer(new SGD(0.5), REPLICAS * SHARE, ToyData.slices(REPLICAS * SHARE, 1, SEED));
    whole.step();
    assertThat(farthest(whole.values(), together.values(), parameters)).isGreaterThan(1e-3);
  }

  private static double farthest(float[] a, float[] b, int length) {
    double most = 0;
    for (int i = 0; i < length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  @Test
  void aResidualBlockWhoseLastScaleIsZeroBeginsAsTheIdentity() {
    Module block =
        Modules.of(
            List.of(
                Map.of(
                    "Residual",
                    List.of(
                        Map.of("Linear", Map.of("in", 5, "out", 5)),
                        Map.of(
                            "BatchNorm1d",
                            Map.of("features", 5, "init", Map.of("weight", "Zeros")))))));
    new FlatParameters(block).point(FlatParameters.initialize(block, SEED));
    Tensor x = Tensor.randn(new Philox(SEED, 1, 1), 3, 5);
    assertThat(block.train().forward(x).toArray()).containsExactly(x.toArray());
  }

  /** The gradients are the same at the first step, so what differs was decayed. */
  @Test
  void normsAndBiasesAreNotDecayed() {
    List<Map<String, Object>> groups = List.of(Map.of("dims", 1, "weight_decay", 0));
    List<Slice> slices = ToyData.slices(64, 2, SEED);
    LocalTrainer plain = trainer(new SGD(0.1), 32, slices);
    LocalTrainer decayed =
        trainer(
            Optimizer.of(Spec.of("SGD", "lr", 0.1, "weight_decay", 0.5, "groups", groups)),
            32,
            slices);
    plain.step();
    decayed.step();
    for (FlatLayout.Slot slot : FlatParameters.layoutOf(normalised()).parameterSlots()) {
      int from = (int) slot.offset();
      boolean isSame =
          Arrays.equals(
              plain.values(), from, (int) slot.end(), decayed.values(), from, (int) slot.end());
      assertThat(isSame).as(slot.name()).isEqualTo(slot.shape().size() == 1);
    }
  }
}
