package dev.kindling.train;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.Target;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers into which the rows of a batch are gathered, for a fixed number of rows: features
 * normalised to floats, what the outputs should be, and how much each row counts. Not thread-safe.
 */
final class BatchInput {
  private final int rows;
  private final Tensor features;
  private final Targets target;
  private final Tensor weights;

  BatchInput(RowFormat format, int rows) {
    this.rows = rows;
    this.features = Tensor.placeholder(batchOf(rows, format.shape()));
    this.target = targets(format.target(), rows);
    this.weights = Tensor.placeholder(Shape.of(rows));
  }

  private static Shape batchOf(int rows, List<Integer> sizes) {
    List<Integer> all = new ArrayList<>(sizes);
    all.add(0, rows);
    return Shape.of(all);
  }

  private static Targets targets(Target target, int rows) {
    if (target instanceof Target.Labels labels) {
      Shape shape = labels.length() == 1 ? Shape.of(rows) : Shape.of(rows, labels.length());
      return new Targets.Labels(new IntTensor(shape, new int[shape.elements()]));
    }
    return new Targets.Values(Tensor.placeholder(Shape.of(rows, target.length())));
  }

  /** [rows, ...]. */
  Tensor features() {
    return features;
  }

  /** What the outputs should be. */
  Targets target() {
    return target;
  }

  /** How much each row counts in the loss, [rows]. */
  Tensor weights() {
    return weights;
  }

  /** Gathers the rows {@code order[from]}, {@code order[from + 1]}, ... of a slice. */
  void fill(Slice slice, int[] order, int from) {
    float[] into = features.array();
    if (target instanceof Targets.Labels labels) {
      slice.gather(order, from, rows, into, features.offset(), labels.labels().array(), 0);
    } else if (target instanceof Targets.Values values) {
      Tensor wanted = values.values();
      slice.gather(order, from, rows, into, features.offset(), wanted.array(), wanted.offset());
    }
    slice.gatherWeights(order, from, rows, weights.array(), weights.offset());
  }
}
