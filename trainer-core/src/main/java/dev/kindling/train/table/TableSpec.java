package dev.kindling.train.table;

import dev.kindling.nn.RowStart;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.TrustRatio;
import java.io.Serializable;

/**
 * A table of rows, such as an embedding whose vocabulary is not known beforehand.
 *
 * @param name for messages
 * @param start what a row is before its first gradient, and how long
 * @param optimizer the rule of each row, which counts the row's own steps: elementwise, such as
 *     Adagrad or Adam; a group of its parameters that fits the name counts
 */
public record TableSpec(String name, RowStart start, Optimizer optimizer) implements Serializable {
  /** Longest row: several fit into a message. */
  public static final int WIDEST = 1 << 14;

  /** Checks the sizes and the rule. */
  public TableSpec {
    if (start.width() < 1 || start.width() > WIDEST) {
      throw new IllegalArgumentException(
          "table %s: the width of a row is %d; it must be 1 to %d"
              .formatted(name, start.width(), WIDEST));
    }
    if (optimizer.maxNorm().isPresent() || optimizer instanceof TrustRatio) {
      throw new IllegalArgumentException(
          "table %s: %s needs norms of the whole gradient; take a rule that works on each element alone, as Adagrad or Adam"
              .formatted(name, optimizer.toSpec()));
    }
  }

  /** Elements of a row. */
  public int width() {
    return start.width();
  }

  /** The rule of a row. */
  Optimizer rule() {
    return optimizer.forParameter(name, 2);
  }

  /** Vectors that the rule keeps beside a row. */
  public int stateVectors() {
    return optimizer.stateNames().size();
  }
}
