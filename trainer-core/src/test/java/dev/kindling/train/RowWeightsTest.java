package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.PenalizedLoss;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Tanh;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A row of weight w counts as w rows do, in the gradient, the loss and the accuracy. */
class RowWeightsTest {
  private static final int ROWS = 30;
  private static final int EPOCHS = 20;
  private static final int PARAMETERS = 4 * 5 + 5 + 5 * 3 + 3;
  private static final Offset<Float> CLOSE = Offset.offset(2e-5f);

  private record Case(Loss loss, Target target) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case(new CrossEntropyLoss(), Target.label(3)),
        new Case(new CrossEntropyLoss(List.of(1.0, 3.0, 0.5), 1, 0.1), Target.label(3)),
        new Case(new PenalizedLoss(new MSELoss(), 0.01, 0.02), Target.values(3)));
  }

  private static RowFormat format(Target target) {
    return new RowFormat(List.of(4), ElementType.FLOAT32, target, Normalisation.none());
  }

  private static int weight(int row) {
    return row % 4; // none, one, two, three
  }

  /** Each row once with its weight, or as often as its weight says. */
  private static List<byte[]> rows(Target target, boolean isRepeated) {
    SplittableRandom random = new SplittableRandom(99);
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      float[] x = new float[4];
      for (int k = 0; k < x.length; k++) {
        x[k] = (float) random.nextDouble(-1, 1);
      }
      RowEncoder row = new RowEncoder(format(target)).floats(x, 0);
      if (target instanceof Target.Labels) {
        row.label(random.nextInt(3));
      } else {
        row.values(new float[] {x[0] * x[1], x[2], 1}, 0);
      }
      for (int copy = 0; copy < (isRepeated ? weight(i) : 1); copy++) {
        rows.add(row.weight(isRepeated ? 1 : weight(i)).row().clone());
      }
    }
    return rows;
  }

  private static Sequential model() {
    return new Sequential(new Linear(4, 5), new Tanh(), new Linear(5, 3));
  }

  private static LocalTrainer trained(Case c, List<byte[]> rows, int replicas) {
    return trained(c, rows, replicas, rows.size());
  }

  private static LocalTrainer trained(Case c, List<byte[]> rows, int replicas, int batch) {
    TrainingConfig config =
        new TrainingConfig(
            model(),
            c.loss,
            new SGD(0.3, 0.5),
            new Schedule.Constant(),
            batch,
            EPOCHS,
            replicas,
            5);
    List<Slice> slices = new ArrayList<>();
    for (int r = 0; r < replicas; r++) {
      SliceBuilder slice = new SliceBuilder(format(c.target));
      for (int i = r; i < rows.size(); i += replicas) {
        slice.append(rows.get(i));
      }
      slices.add(slice.build());
    }
    LocalTrainer trainer = new LocalTrainer(config, slices, slices);
    trainer.fit();
    return trainer;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aWeightIsANumberOfRows(Case c) {
    LocalTrainer repeated = trained(c, rows(c.target, true), 1);
    for (int replicas : new int[] {1, 3}) {
      LocalTrainer weighted = trained(c, rows(c.target, false), replicas);
      assertThat(parameters(weighted)).containsExactly(parameters(repeated), CLOSE);
      assertSame(weighted.evaluate(), repeated.evaluate());
      assertSame(weighted.trainMetrics(), repeated.trainMetrics());
    }
  }

  /** A quarter of the rows count 0, and every batch is one row. */
  @ParameterizedTest
  @MethodSource("cases")
  void batchesWithoutWeightAreNotLearntFrom(Case c) {
    List<byte[]> rows = rows(c.target, false);
    float[] trained = trained(c, rows, 1, 1).values();
    for (float value : trained) {
      assertThat(value).isFinite();
    }
    List<byte[]> none = new ArrayList<>();
    for (int i = 0; i < ROWS; i += 4) {
      none.add(rows.get(i));
    }
    LocalTrainer untrained = trained(c, none, 2, 2);
    assertThat(parameters(untrained))
        .containsExactly(Arrays.copyOf(FlatParameters.initialize(model(), 5), PARAMETERS));
  }

  private static float[] parameters(LocalTrainer trainer) {
    return Arrays.copyOf(trainer.values(), PARAMETERS);
  }

  private static void assertSame(MetricSums actual, MetricSums expected) {
    assertThat(actual.count()).isEqualTo(expected.count());
    assertThat(actual.correct()).isEqualTo(expected.correct());
    assertThat((float) actual.loss()).isCloseTo((float) expected.loss(), CLOSE);
  }
}
