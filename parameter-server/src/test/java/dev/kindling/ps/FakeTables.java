package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.nn.Initializer.Elementwise;
import dev.kindling.nn.Initializer.Normal;
import dev.kindling.nn.Initializer.Uniform;
import dev.kindling.nn.RowStart;
import dev.kindling.optim.Adagrad;
import dev.kindling.optim.Adam;
import dev.kindling.train.GradientSink;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Row-sparse tables with gradients that cost nothing: a few rows of each replica at each step, the
 * row as it was pulled plus noise. Says what one process would compute. Some replicas have no row
 * at some steps.
 */
public final class FakeTables {
  /** Two tables of different widths and rules. */
  public static final List<TableSpec> SPECS =
      List.of(
          new TableSpec("words", start(5, 3, new Normal(0, 1)), new Adam(0.1)),
          new TableSpec("places", start(3, 4, new Uniform(-0.5f, 0.5f)), new Adagrad(0.1)));

  private static RowStart start(int width, int parameter, Elementwise initializer) {
    return new RowStart(width, 42, parameter, initializer);
  }

  private static final int KEYS = 7;
  private static final int RANGE = 40;

  private final ReplicaTree tree;
  private final List<RowTable> expected = new ArrayList<>();

  FakeTables(ReplicaTree tree) {
    this.tree = tree;
    SPECS.forEach(spec -> expected.add(new RowTable(spec, 0)));
  }

  /** Reads rows. */
  public interface Reader {
    void read(long[] keys, float[] into);
  }

  private static Random random(int table, int replica, long step) {
    return new Random(31 * (31 * step + replica) + table);
  }

  /** The rows that a replica takes at a step, some of them twice. */
  public static long[] keys(int table, int replica, long step) {
    Random random = random(table, replica, step);
    long[] keys = new long[random.nextInt(5) == 0 ? 0 : KEYS];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (random.nextInt(RANGE) - RANGE / 2) * 0x1_0000_0001L;
    }
    return keys;
  }

  /** A replica's gradient: the mean of a few rows would do as well. */
  private static SparseRows leaf(int table, int replica, long step, Reader reader) {
    int width = SPECS.get(table).width();
    long[] keys = keys(table, replica, step);
    float[] rows = new float[keys.length * width];
    reader.read(keys, rows);
    Random random = random(table, replica, step);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = FakeTraining.WEIGHT * (rows[i] + random.nextFloat() - 0.5f);
    }
    return SparseRows.gather(width, keys, rows);
  }

  /** The sum over a node. */
  public static SparseRows sum(int table, Node node, long step, Reader reader) {
    return node.isLeaf()
        ? leaf(table, node.lo(), step, reader)
        : SparseRows.plus(
            sum(table, node.left(), step, reader), sum(table, node.right(), step, reader));
  }

  /** What a worker does at a step. */
  static void step(long step, List<Node> nodes, GradientSink sink) {
    for (int t = 0; t < SPECS.size(); t++) {
      int table = t;
      for (Node node : nodes) {
        SparseRows sum =
            sum(table, node, step, (keys, into) -> sink.pullRows(step, table, keys, into));
        int count = node.hi() - node.lo();
        sink.pushRows(step, table, node.lo(), node.hi(), sum, FakeTraining.WEIGHT * count);
      }
    }
  }

  /** Whether a table is what a plain computation gives after so many steps. */
  public void assertTrained(int table, RowTable actual, long steps) {
    RowTable plain = trained(table, steps);
    assertThat(actual.version()).isEqualTo(steps);
    assertThat(actual.rows()).isEqualTo(plain.rows());
    assertThat(all(actual)).containsExactly(all(plain));
  }

  /** What a plain computation gives after so many steps. */
  public synchronized RowTable trained(int table, long steps) {
    RowTable plain = expected.get(table);
    if (plain.version() > steps) {
      plain = new RowTable(SPECS.get(table), 0);
      expected.set(table, plain);
    }
    while (plain.version() < steps) {
      long step = plain.version();
      RowTable from = plain;
      SparseRows sum = sum(table, tree.root(), step, (keys, into) -> from.pull(step, keys, into));
      plain.apply(sum, (double) FakeTraining.WEIGHT * tree.replicas(), 1);
    }
    return plain;
  }

  private static float[] all(RowTable table) {
    long[] keys = new long[RANGE];
    for (int i = 0; i < RANGE; i++) {
      keys[i] = (i - RANGE / 2) * 0x1_0000_0001L;
    }
    float[] rows = new float[RANGE * table.spec().width()];
    table.pull(table.version(), keys, rows);
    return rows;
  }
}
