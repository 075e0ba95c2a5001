package dev.kindling.train.table;

import dev.kindling.kernel.Philox;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.TrustRatio;
import java.io.Serializable;

/**
 * A table of rows, such as an embedding whose vocabulary is not known beforehand.
 *
 * <p>Element i of a row starts uniform in [-bound, bound): it is word i mod 4 of block i / 4 of the
 * Philox generator under the seed, the key and the stream, so it depends on neither the order nor
 * the place in which rows are touched.
 *
 * @param name for messages
 * @param width elements of a row
 * @param seed key of the generator
 * @param stream tells this table from the others of the seed
 * @param bound of the initial values
 * @param optimizer the rule of each row, which counts the row's own steps: elementwise, such as
 *     Adagrad or Adam; a group of its parameters that fits the name counts
 */
public record TableSpec(
    String name, int width, long seed, int stream, float bound, Optimizer optimizer)
    implements Serializable {
  /** Longest row: several fit into a message. */
  public static final int WIDEST = 1 << 14;

  private static final float UNIT = 0x1p-23f;

  /** Checks the sizes and the rule. */
  public TableSpec {
    if (width < 1 || width > WIDEST) {
      throw new IllegalArgumentException(
          "table %s: the width of a row is %d; it must be 1 to %d".formatted(name, width, WIDEST));
    }
    if (optimizer.maxNorm().isPresent() || optimizer instanceof TrustRatio) {
      throw new IllegalArgumentException(
          "table %s: %s needs norms of the whole gradient; take a rule that works on each element alone, as Adagrad or Adam"
              .formatted(name, optimizer.toSpec()));
    }
  }

  /** The rule of a row. */
  Optimizer rule() {
    return optimizer.forParameter(name, 2);
  }

  /** Vectors that the rule keeps beside a row. */
  public int stateVectors() {
    return optimizer.stateNames().size();
  }

  /** Writes a row as it is before its first gradient. */
  public void draw(long key, float[] into, int at) {
    int[] block = new int[4];
    for (int i = 0; i < width; i++) {
      if (i % 4 == 0) {
        Philox.block(seed, i / 4, (int) key, (int) (key >>> 32), stream, block);
      }
      into[at + i] = bound * ((block[i % 4] >>> 8) * UNIT - 1);
    }
  }
}
