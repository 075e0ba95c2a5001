package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Initializer.Normal;
import dev.kindling.nn.Initializer.Uniform;
import dev.kindling.nn.RowStart;
import dev.kindling.optim.Adagrad;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Update;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSnapshot;
import dev.kindling.train.table.TableSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten million rows: {@code -Dkindling.rows=10000000}, within a heap of 2 GB. */
class RowTableTest {
  private static final int WIDTH = 6;
  private static final int REPLICAS = 5;
  private static final int STEPS = 12;
  private static final float LR = 0.1f;

  static Stream<Optimizer> rules() {
    return Stream.of(new Adagrad(0.1, 0.01, 0.001, 0.1, 1e-10), new Adam(0.1));
  }

  private static TableSpec spec(Optimizer optimizer) {
    return new TableSpec(
        "words", new RowStart(WIDTH, 42, 3, new Uniform(-0.05f, 0.05f)), optimizer);
  }

  private static TableSteps steps(ReplicaTree tree, RowTable table, NonFinite nonFinite) {
    return new TableSteps(tree, table, nonFinite, step -> 1);
  }

  private static long key(Random random) {
    long key = random.nextInt(60) - 30;
    return random.nextBoolean() ? key : key * 0x1_0000_0001L;
  }

  /** A replica's gradient at a step: depends on the rows that it pulls. */
  private static SparseRows gradient(int replica, long step, RowTable table, long version) {
    Random random = new Random(31 * step + replica);
    long[] keys = new long[8];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(random);
    }
    float[] rows = new float[keys.length * WIDTH];
    table.pull(version, keys, rows);
    for (int i = 0; i < rows.length; i++) {
      rows[i] += random.nextFloat() - 0.5f;
    }
    return SparseRows.gather(WIDTH, keys, rows);
  }

  private static SparseRows sum(Node node, long step, RowTable table, long version) {
    return node.isLeaf()
        ? gradient(node.lo(), step, table, version)
        : SparseRows.plus(
            sum(node.left(), step, table, version), sum(node.right(), step, table, version));
  }

  /** A plain table: a map of rows and of states. */
  private static final class Plain {
    private final TableSpec spec;
    private final Map<Long, float[]> rows = new HashMap<>();
    private final Map<Long, float[][]> state = new HashMap<>();
    private final Map<Long, Integer> steps = new HashMap<>();

    Plain(TableSpec spec) {
      this.spec = spec;
    }

    float[] row(long key) {
      float[] drawn = new float[WIDTH];
      spec.start().draw(key, drawn, 0);
      return rows.getOrDefault(key, drawn);
    }

    void apply(SparseRows sum, double weight) {
      for (int i = 0; i < sum.keys().length; i++) {
        long key = sum.keys()[i];
        Update u = new Update();
        u.current = row(key);
        u.next = new float[WIDTH];
        u.state = state.computeIfAbsent(key, k -> new float[spec.stateVectors()][WIDTH]);
        u.gradient = java.util.Arrays.copyOfRange(sum.values(), i * WIDTH, (i + 1) * WIDTH);
        u.gradientScale = (float) (1 / weight);
        u.lr = LR;
        u.to = WIDTH;
        u.step = steps.merge(key, 1, Integer::sum) - 1;
        spec.optimizer().update(u);
        rows.put(key, u.next);
      }
    }
  }

  private static void assertSame(RowTable table, Plain plain) {
    assertThat(table.rows()).isEqualTo(plain.rows.size());
    for (int i = -40; i < 40; i++) {
      for (long key : new long[] {i, i * 0x1_0000_0001L, Long.MAX_VALUE - i}) {
        float[] row = new float[WIDTH];
        table.pull(table.version(), new long[] {key}, row);
        assertThat(row).as("row %d", key).containsExactly(plain.row(key));
      }
    }
  }

  private static void step(
      TableSteps steps, RowTable table, int workers, long step, Random random) {
    ReplicaTree tree = new ReplicaTree(REPLICAS);
    List<Node> nodes = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      Node share = tree.shareOf(w, workers);
      nodes.addAll(tree.cover(share.lo(), share.hi()));
    }
    Map<Node, SparseRows> sums = new HashMap<>();
    nodes.forEach(node -> sums.put(node, sum(node, step, table, step)));
    Collections.shuffle(nodes, random);
    for (Node node : nodes) {
      int count = node.hi() - node.lo();
      PushOutcome outcome = steps.push(1, step, node.lo(), node.hi(), sums.get(node), 10 * count);
      assertThat(outcome).isIn(PushOutcome.STORED, PushOutcome.COMPLETED);
      PushOutcome again = steps.push(1, step, node.lo(), node.hi(), sums.get(node), 1);
      assertThat(again).isIn(PushOutcome.DUPLICATE, PushOutcome.APPLIED_BEFORE);
    }
    assertThat(table.version()).isEqualTo(step + 1);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void neitherWorkersNorOrderChangeTheBits(Optimizer rule) {
    for (int workers = 1; workers <= REPLICAS; workers++) {
      System.out.println("seed " + workers);
      Random random = new Random(workers);
      RowTable table = new RowTable(spec(rule), 0);
      TableSteps steps = steps(new ReplicaTree(REPLICAS), table, NonFinite.ABORT);
      steps.begin(1);
      Plain plain = new Plain(spec(rule));
      for (long step = 0; step < STEPS; step++) {
        SparseRows whole = sum(new ReplicaTree(REPLICAS).root(), step, table, step);
        step(steps, table, workers, step, random);
        plain.apply(whole, 10 * REPLICAS);
        assertSame(table, plain);
      }
    }
  }

  /** Workers that start anew read what those before them read, and compute the same step. */
  @Test
  void theRowsOfTheStepBeforeAreKept() {
    RowTable table = new RowTable(spec(new Adam(0.1)), 0);
    TableSteps steps = steps(new ReplicaTree(REPLICAS), table, NonFinite.ABORT);
    steps.begin(1);
    for (long step = 0; step < STEPS; step++) {
      SparseRows first = sum(new ReplicaTree(REPLICAS).root(), step, table, step);
      step(steps, table, 2, step, new Random(step));
      SparseRows again = sum(new ReplicaTree(REPLICAS).root(), step, table, step);
      assertThat(again.values()).containsExactly(first.values());
    }
    assertThat(table.pull(STEPS - 2, new long[] {1}, new float[WIDTH])).isFalse();
    assertThat(table.pull(STEPS + 1, new long[] {1}, new float[WIDTH])).isFalse();
  }

  @Test
  void aNewStartDiscardsWhatIsOpenAndShutsTheOldOneOut() {
    RowTable table = new RowTable(spec(new Adagrad(0.1)), 0);
    TableSteps steps = steps(new ReplicaTree(2), table, NonFinite.ABORT);
    SparseRows rows = new SparseRows(WIDTH, new long[] {7}, new float[WIDTH]);
    steps.begin(1);
    assertThat(steps.push(1, 0, 0, 1, rows, 1)).isEqualTo(PushOutcome.STORED);
    assertThat(steps.begin(2)).isZero();
    assertThat(steps.push(1, 0, 1, 2, rows, 1)).isEqualTo(PushOutcome.STALE_INCARNATION);
    assertThat(steps.push(2, 0, 1, 2, rows, 1)).isEqualTo(PushOutcome.STORED);
    assertThat(steps.push(2, 1, 0, 1, rows, 1)).isEqualTo(PushOutcome.REFUSED);
    assertThat(steps.push(2, 0, 0, 3, rows, 1)).isEqualTo(PushOutcome.REFUSED);
    assertThat(steps.push(2, 0, 0, 1, rows, 1)).isEqualTo(PushOutcome.COMPLETED);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aGradientThatIsNotFiniteIsNeverApplied(float bad) {
    float[] values = new float[WIDTH];
    values[3] = bad;
    SparseRows rows = new SparseRows(WIDTH, new long[] {7}, values);
    RowTable table = new RowTable(spec(new Adam(0.1)), 0);
    TableSteps aborts = steps(new ReplicaTree(1), table, NonFinite.ABORT);
    assertThatThrownBy(() -> aborts.push(0, 0, 0, 1, rows, 1))
        .isInstanceOf(ParameterServerException.class)
        .hasMessageContaining("table words is not finite");
    TableSteps skips = steps(new ReplicaTree(1), table, NonFinite.SKIP);
    assertThat(skips.push(0, 0, 0, 1, rows, 1)).isEqualTo(PushOutcome.COMPLETED);
    assertThat(skips.skipped()).isEqualTo(1);
    assertThat(table.version()).isEqualTo(1);
    assertThat(table.rows()).isZero();
  }

  @Test
  void piecesMayComeInAnyOrderAndTwice() {
    RowTable whole = new RowTable(spec(new Adam(0.1)), 0);
    RowTable pieces = new RowTable(spec(new Adam(0.1)), 0);
    TableSteps steps = steps(new ReplicaTree(1), pieces, NonFinite.ABORT);
    SparseRows rows = gradient(0, 0, whole, 0);
    int count = rows.keys().length;
    whole.apply(rows, 3, 1);
    SparseRows empty = rows.part(count, count);
    assertThat(steps.push(0, 0, 0, 1, 2, 3, rows.part(3, count), 3)).isEqualTo(PushOutcome.STORED);
    assertThat(steps.push(0, 0, 0, 1, 2, 3, empty, 3)).isEqualTo(PushOutcome.DUPLICATE);
    assertThat(steps.push(0, 0, 0, 1, 1, 4, empty, 3)).isEqualTo(PushOutcome.REFUSED);
    assertThat(steps.push(0, 0, 0, 1, 0, 3, rows.part(0, 2), 3)).isEqualTo(PushOutcome.STORED);
    assertThat(steps.push(0, 0, 0, 1, 1, 3, rows.part(2, 3), 3)).isEqualTo(PushOutcome.COMPLETED);
    float[] expected = new float[count * WIDTH];
    float[] actual = new float[count * WIDTH];
    whole.pull(1, rows.keys(), expected);
    pieces.pull(1, rows.keys(), actual);
    assertThat(actual).containsExactly(expected);
  }

  /** Rows that change while a snapshot is read are read as they were. */
  @Test
  void aSnapshotStaysAsItWas() {
    RowTable table = new RowTable(spec(new Adam(0.1)), 0);
    TableSteps steps = steps(new ReplicaTree(REPLICAS), table, NonFinite.ABORT);
    steps.begin(1);
    Map<Long, float[]> before = new HashMap<>();
    for (long step = 0; step < 3; step++) {
      step(steps, table, 2, step, new Random(step));
    }
    try (TableSnapshot first = table.snapshot();
        TableSnapshot second = table.snapshot()) {
      first.forEach((key, n, array, at) -> before.put(key, values(n, array, at)));
      for (long step = 3; step < STEPS; step++) {
        step(steps, table, 2, step, new Random(step));
      }
      assertThat(second.version()).isEqualTo(3);
      assertThat(before).hasSize(second.rows()).hasSizeLessThan(table.rows());
      second.forEach(
          (key, n, array, at) -> assertThat(values(n, array, at)).containsExactly(before.get(key)));
    }
  }

  private static float[] values(int steps, float[] array, int at) {
    float[] values = new float[1 + 3 * WIDTH];
    System.arraycopy(array, at, values, 1, 3 * WIDTH);
    values[0] = steps;
    return values;
  }

  @Test
  void memoryIsProportionalToTheRowsThatWereChanged() {
    int rows = Integer.getInteger("kindling.rows", 200_000);
    int width = 16;
    TableSpec spec =
        new TableSpec("many", new RowStart(width, 1, 0, new Normal(0, 1)), new Adagrad(0.1));
    RowTable table = new RowTable(spec, 0);
    int batch = 10_000;
    float[] values = new float[batch * width];
    java.util.Arrays.fill(values, 0.5f);
    long[] keys = new long[batch];
    long start = System.nanoTime();
    for (long from = 0; from < rows; from += batch) {
      for (int i = 0; i < batch; i++) {
        keys[i] = (from + i) * 1_000_003L;
      }
      table.pull(table.version(), keys, new float[values.length]);
      table.apply(new SparseRows(width, keys.clone(), values), 1, 1);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    long each = table.bytes() / rows;
    System.out.printf(
        "%d rows of %d floats under Adagrad: %d bytes a row, %.0f ns a row%n",
        rows, width, each, seconds * 1e9 / rows);
    assertThat(table.rows()).isEqualTo(rows);
    assertThat(each).isLessThan(2 * width * Float.BYTES + 60);
    float[] row = new float[width];
    float[] drawn = new float[width];
    table.pull(table.version(), new long[] {1_000_003L}, row);
    spec.start().draw(1_000_003L, drawn, 0);
    assertThat(row).isNotEqualTo(drawn);
    table.pull(table.version(), new long[] {-1}, row);
    spec.start().draw(-1, drawn, 0);
    assertThat(row).containsExactly(drawn);
  }

  @Test
  void aRuleOfTheWholeGradientIsRefused() {
    assertThatThrownBy(() -> spec(new ClipByNorm(new Adam(0.1), 1)))
        .hasMessageContaining("table words");
  }
}
