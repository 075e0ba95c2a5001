package dev.kindling.train;

import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What one step has to know of the whole gradient before any element may move: the sums of squares
 * of every tensor, put together from the parts that {@link FlatUpdate#measure} gives, wherever they
 * were measured.
 *
 * <p>Reused from step to step; not thread-safe while parts are added, and read-only afterwards.
 */
public final class GradientNorms {
  /** What is measured, in this order. */
  public enum Measurement {
    /** The sums of the gradient, for its global norm. */
    GRADIENT(1),
    /** The parameters and the directions of their steps, for the trust ratios. */
    DIRECTION(2);

    /** Vectors whose squares are summed. */
    final int vectors;

    Measurement(int vectors) {
      this.vectors = vectors;
    }
  }

  private final FlatLayout layout;
  private final Map<Measurement, SquareTree[]> trees = new EnumMap<>(Measurement.class);
  private final long[] measured = new long[Measurement.values().length];
  private double[] parts = {};

  /** Nothing measured yet. */
  public GradientNorms(FlatLayout layout) {
    this.layout = layout;
    for (Measurement what : Measurement.values()) {
      trees.put(
          what,
          Stream.generate(SquareTree::new)
              .limit((long) what.vectors * layout.slots().size())
              .toArray(SquareTree[]::new));
    }
  }

  /** How many doubles {@link FlatUpdate#measure} writes for a range of the vector. */
  public int length(Measurement what, long from, long to) {
    int nodes = 0;
    for (int i = 0; i < layout.slots().size(); i++) {
      Slot slot = layout.slots().get(i);
      if (slot.kind() == Kind.PARAMETER) {
        nodes += SquareTree.nodes(Math.max(from, slot.offset()), Math.min(to, slot.end()));
      }
    }
    return nodes * what.vectors;
  }

  /**
   * Adds what was measured for a range. The ranges come in the order of the vector, from its
   * beginning to its end; a range that begins at zero begins anew.
   *
   * @throws IllegalStateException if the range does not follow the one before
   */
  public void add(Measurement what, long from, long to, double[] parts) {
    begin(what, from);
    int at = 0;
    for (int i = 0; i < layout.slots().size(); i++) {
      Slot slot = layout.slots().get(i);
      if (slot.kind() == Kind.PARAMETER) {
        long first = Math.max(from, slot.offset());
        long last = Math.min(to, slot.end());
        for (int v = 0; v < what.vectors; v++) {
          at = tree(what, i, v).add(first, last, parts, at);
        }
      }
    }
    measured[what.ordinal()] = to;
  }

  private void begin(Measurement what, long from) {
    if (from == 0) {
      // What comes later depends on this one: it must be measured again.
      Arrays.fill(measured, what.ordinal(), measured.length, 0);
      for (SquareTree tree : trees.get(what)) {
        tree.clear();
      }
    } else if (from != measured[what.ordinal()]) {
      throw new IllegalStateException(
          "norms: elements from %d follow those up to %d; add the ranges in the vector's order"
              .formatted(from, measured[what.ordinal()]));
    }
  }

  private SquareTree tree(Measurement what, int slot, int vector) {
    return trees.get(what)[slot * what.vectors + vector];
  }

  /** Refuses to be read before the whole vector has been measured. */
  void requireComplete(Measurement what) {
    if (measured[what.ordinal()] != layout.length()) {
      throw new IllegalStateException(
          "norms: %s was measured up to element %d of %d; measure and add every range first"
              .formatted(what, measured[what.ordinal()], layout.length()));
    }
  }

  /** L2 norm over all parameters of the sums of the gradient: not yet divided by the samples. */
  public double gradientNorm() {
    requireComplete(Measurement.GRADIENT);
    double squares = 0;
    for (SquareTree tree : trees.get(Measurement.GRADIENT)) {
      squares += tree.sum();
    }
    return Math.sqrt(squares);
  }

  /** L2 norm of a slot's parameter. */
  double parameterNorm(int slot) {
    return Math.sqrt(tree(Measurement.DIRECTION, slot, 0).sum());
  }

  /** L2 norm of a slot's direction. */
  double directionNorm(int slot) {
    return Math.sqrt(tree(Measurement.DIRECTION, slot, 1).sum());
  }

  /** A place for the parts of a range; grows once. */
  double[] parts(int length) {
    if (parts.length < length) {
      parts = new double[length];
    }
    return parts;
  }
}
