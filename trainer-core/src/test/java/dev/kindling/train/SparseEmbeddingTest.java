package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Embedding;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Modules;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adagrad;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Span;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SparseEmbeddingTest {
  private static final int SYMBOLS = 200;
  private static final int DIM = 6;
  private static final int REPLICAS = 3;
  private static final RowFormat FORMAT =
      new RowFormat(List.of(4), ElementType.UINT8, Target.label(2), Normalisation.none());

  /** Four symbols, most of them small ones; the class says whether a majority is even. */
  private static List<Slice> slices(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SliceBuilder> builders = new ArrayList<>();
    for (int r = 0; r < REPLICAS; r++) {
      builders.add(new SliceBuilder(FORMAT));
    }
    for (int i = 0; i < rows; i++) {
      ByteBuffer row = ByteBuffer.allocate(FORMAT.length()).order(ByteOrder.LITTLE_ENDIAN);
      int even = 0;
      for (int s = 0; s < 4; s++) {
        int symbol = random.nextInt(1 + random.nextInt(SYMBOLS / 2));
        even += symbol % 2 == 0 ? 1 : 0;
        row.put((byte) symbol);
      }
      builders.get(i % REPLICAS).append(row.putInt(even > 2 ? 1 : 0).putFloat(1).array());
    }
    return builders.stream().map(SliceBuilder::build).toList();
  }

  private static TrainingConfig config(boolean sparse, Optimizer optimizer, Schedule schedule) {
    Sequential model =
        new Sequential(new Embedding(SYMBOLS, DIM, sparse), new Flatten(), new Linear(4 * DIM, 2));
    return new TrainingConfig(
        model, new CrossEntropyLoss(), optimizer, schedule, 20, 3, REPLICAS, 7);
  }

  private static LocalTrainer trainer(TrainingConfig config) {
    return new LocalTrainer(config, slices(301, 5), slices(120, 6));
  }

  /** Rows without a gradient do not move under SGD: the table must move as the matrix does. */
  @Test
  void trainsAsTheMatrixDoes() {
    Schedule falling = new ExponentialLR(0.99, Span.steps(1));
    TrainingConfig sparseConfig = config(true, new SGD(0.5), falling);
    LocalTrainer sparse = trainer(sparseConfig);
    LocalTrainer dense = trainer(config(false, new SGD(0.5), falling));
    RowTable table = sparse.tables().get(0);
    int embedding = SYMBOLS * DIM;
    System.arraycopy(rows(table), 0, dense.values(), 0, embedding);
    int rest = sparse.values().length - MetricSums.LENGTH;
    System.arraycopy(sparse.values(), 0, dense.values(), embedding, rest);
    sparse.fit();
    dense.fit();
    assertThat(table.version()).isEqualTo(sparse.steps());
    assertThat(table.rows()).isBetween(80, SYMBOLS / 2);
    assertNear(rows(table), dense.values(), 0);
    assertNear(sparse.values(), dense.values(), embedding);
    assertThat(sparse.evaluate()).isEqualTo(dense.evaluate());
  }

  /** The same values; zero has two signs. */
  private static void assertNear(float[] actual, float[] expected, int from) {
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i] == expected[from + i]).as("element %d", i).isTrue();
    }
  }

  private static float[] rows(RowTable table) {
    float[] rows = new float[SYMBOLS * DIM];
    table.pull(table.version(), LongStream.range(0, SYMBOLS).toArray(), rows);
    return rows;
  }

  @Test
  void learns() {
    LocalTrainer trainer = trainer(config(true, new Adagrad(0.2), new Schedule.Constant()));
    double before = trainer.evaluate().accuracy();
    for (int i = 0; i < 10; i++) {
      trainer.epoch();
    }
    assertThat(trainer.evaluate().accuracy()).isGreaterThan(Math.max(0.8, before));
  }

  @Test
  void rowsAreDrawnWithDeviationOne() {
    TableSpec spec = config(true, new SGD(0.1), new Schedule.Constant()).tables().get(0);
    assertThat(spec.name()).isEqualTo("0.weight");
    double squares = 0;
    for (float value : rows(new RowTable(spec, 0))) {
      squares += value * (double) value;
    }
    assertThat(squares / (SYMBOLS * DIM)).isBetween(0.9, 1.1);
  }

  @Test
  void theWrittenFormSaysSparse() {
    Embedding embedding = new Embedding(10, 4, true);
    assertThat(((Embedding) Modules.of(embedding.toSpec())).isSparse()).isTrue();
    assertThat(new Embedding(10, 4).toSpec().has("sparse")).isFalse();
    assertThat(embedding.namedParameters()).isEmpty();
  }

  @Test
  void withoutATableOrWithARuleOfTheWholeGradientItIsRefused() {
    assertThatThrownBy(() -> new Embedding(10, 4, true).forward(Tensor.of(1, 2)))
        .hasMessageContaining("train with LocalTrainer");
    assertThatThrownBy(
            () -> config(true, new ClipByNorm(new SGD(0.1), 1), new Schedule.Constant()).tables())
        .hasMessageContaining("0.weight")
        .hasMessageContaining("norms of the whole gradient");
  }
}
