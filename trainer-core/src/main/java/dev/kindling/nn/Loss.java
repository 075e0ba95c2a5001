package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.Optional;
import java.util.Set;

/** How wrong the outputs of a batch are. Immutable. */
public interface Loss extends Serializable {

  /**
   * The loss of each sample, [n]. Training adds them up over all replicas and divides once, so the
   * gradient is that of their mean.
   */
  Tensor perSample(Tensor output, Targets target);

  /**
   * What the losses of a batch are divided by, added up over all replicas: their number, unless
   * they have weights. Allocates nothing.
   */
  default double weight(Targets target) {
    return target.count();
  }

  /** The loss of each sample times the weight of its row, [n]; positions have that of theirs. */
  default Tensor perSample(Tensor output, Targets target, Tensor rows) {
    Tensor losses = perSample(output, target);
    int n = rows.size(0);
    return losses.shape().elements() == n
        ? losses.mul(rows)
        : losses.reshape(n, -1).mul(rows.reshape(n, 1)).reshape(-1);
  }

  /**
   * What losses are divided by where row i counts {@code rows[i]} times; {@link #weight(Targets)}
   * where each counts once. Allocates nothing.
   *
   * @param rows [n]
   */
  default double weight(Targets target, Tensor rows) {
    int n = rows.size(0);
    double sum = 0;
    for (int i = rows.offset(); i < rows.offset() + n; i++) {
      sum += rows.array()[i];
    }
    return weight(target) * (sum / n);
  }

  /** Whether a sample with this label counts; ignored ones do not. */
  default boolean counts(int label) {
    return true;
  }

  /** What is added to the mean loss for the parameters' sake; empty for nothing. */
  default Optional<Tensor> penalty(Module model) {
    return Optional.empty();
  }

  /** The mean, {@code sum of perSample / weight}: a scalar. */
  default Tensor forward(Tensor output, Targets target) {
    return forward(output, target, Reduction.MEAN);
  }

  /** The mean over weighted rows: {@code sum of rows * perSample / weight(target, rows)}. */
  default Tensor forward(Tensor output, Targets target, Tensor rows) {
    return perSample(output, target, rows).sum().div(weight(target, rows));
  }

  /**
   * The losses, their sum, or their mean. A loss that is a mean over the outputs of a sample gives
   * and adds those of each output; labels of positions [n, t] have their losses in that shape.
   */
  default Tensor forward(Tensor output, Targets target, Reduction reduction) {
    Tensor losses = perSample(output, target);
    return switch (reduction) {
      case NONE -> Losses.likeLabels(losses, target);
      case SUM -> losses.sum();
      case MEAN -> losses.sum().div(weight(target));
    };
  }

  /** What becomes of the losses of a batch; training always takes the mean. */
  enum Reduction {
    /** Each stays: [n], [n, t] of labels of positions, or the outputs' shape. */
    NONE,
    /** They are added up. */
    SUM,
    /** Their sum is divided by {@link Loss#weight}. */
    MEAN
  }

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /** The names of all losses, sorted. */
  static Set<String> names() {
    return Losses.names();
  }

  /**
   * Reads a loss from its written form. Beside its own arguments each takes {@code reduction}, as
   * far as it says what training does: {@code mean}, or {@code batchmean} of a KLDivLoss.
   *
   * @throws dev.kindling.spec.SpecException naming an unknown loss or argument and the nearest
   *     known one, or another reduction and what to do instead
   */
  static Loss of(Spec spec) {
    return Losses.of(spec);
  }
}
