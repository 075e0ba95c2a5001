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
import dev.kindling.nn.Initializer;
import dev.kindling.nn.Kaiming;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.nn.Orthogonal;
import dev.kindling.nn.RowStart;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Summary;
import dev.kindling.nn.Xavier;
import dev.kindling.optim.Adagrad;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Span;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
  void startsAndTrainsAsTheMatrixDoes() {
    Schedule falling = new ExponentialLR(0.99, Span.steps(1));
    TrainingConfig sparseConfig = config(true, new SGD(0.5), falling);
    LocalTrainer sparse = trainer(sparseConfig);
    LocalTrainer dense = trainer(config(false, new SGD(0.5), falling));
    RowTable table = sparse.tables().get(0);
    int embedding = SYMBOLS * DIM;
    assertNear(rows(table), dense.values(), 0);
    assertNear(sparse.values(), dense.values(), embedding);
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

  static Stream<Initializer> starts() {
    return Stream.of(
        new Initializer.Normal(0.5f, 0.1f),
        new Initializer.Uniform(-1, 2),
        new Initializer.Constant(0.25f),
        new Xavier(true, 1),
        Kaiming.normal());
  }

  /** Rows of an odd width begin amid the four words of a block. */
  @ParameterizedTest
  @MethodSource("starts")
  void anyElementwiseStartHasTheBitsOfTheMatrix(Initializer start) {
    Module dense = new Sequential(new Linear(2, 3), new Embedding(50, 7)).init("1.weight", start);
    Module sparse =
        new Sequential(new Linear(2, 3), new Embedding(50, 7, true)).init("1.weight", start);
    dense.initialize(11);
    TableSpec spec = ModelTables.specs(sparse, 11, new SGD(0.1)).get(0);
    float[] rows = new float[50 * 7];
    new RowTable(spec, 0).pull(0, LongStream.range(0, 50).toArray(), rows);
    assertThat(rows).containsExactly(dense.stateDict().get("1.weight").toArray());
    assertThat(sparse.parameterCount()).isEqualTo(dense.parameterCount());
  }

  /** Keys that an int could not hold, and negative ones: hashes of words, say. */
  @Test
  void everyKeyHasARowOfItsOwn() {
    RowStart start = new RowStart(3, 1, 0, new Initializer.Normal(0, 1));
    long[] keys = {0, 1, -1, 1L << 40, 1L << 62, 1L << 63, Long.MAX_VALUE, -(1L << 62), 3L << 61};
    Set<Float> seen = new HashSet<>();
    float[] row = new float[3];
    for (long key : keys) {
      start.draw(key, row, 0);
      seen.add(row[0]);
    }
    assertThat(seen).hasSize(keys.length);
  }

  @Test
  void aStartThatNeedsTheWholeMatrixIsRefused() {
    Module model = new Sequential(new Embedding(9, 4, true)).init("0.weight", new Orthogonal(1));
    assertThatThrownBy(() -> model.rowStarts(1))
        .hasMessageContaining("parameter 0.weight")
        .hasMessageContaining("start it as Normal");
    assertThatThrownBy(() -> model.init("1.weight", new Orthogonal(1)))
        .hasMessageContaining("it has [0.weight]");
  }

  @Test
  void aSummaryCountsItWithoutATable() {
    Module model = config(true, new SGD(0.1), new Schedule.Constant()).model();
    Summary summary = Summary.of(model, Shape.of(4));
    assertThat(summary.parameters()).isEqualTo(SYMBOLS * DIM + 4 * DIM * 2 + 2);
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
        .hasMessageContaining("not connected");
    assertThatThrownBy(
            () -> config(true, new ClipByNorm(new SGD(0.1), 1), new Schedule.Constant()).tables())
        .hasMessageContaining("0.weight")
        .hasMessageContaining("norms of the whole gradient");
  }
}
