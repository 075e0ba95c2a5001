package dev.kindling.nn;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.LogSoftmax;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code loss = weight[label] * (log(sum over c of e^x[c]) - x[label])}: softmax and negative
 * log-likelihood in one. Outputs are unnormalised scores [n, classes], or [n, t, classes] where
 * each sample has a label for each of t positions; targets are labels [n] or [n, t].
 *
 * <p>With label smoothing s the target is {@code 1 - s} for the label plus {@code s / classes} for
 * every class. The mean divides by the sum of the labels' weights; samples with the ignored label
 * (-100 unless given) count nothing.
 */
public final class CrossEntropyLoss implements Loss {
  private static final long serialVersionUID = 1L;

  private final ClassWeights classes;
  private final double smoothing;

  /** Every class counts as much; no smoothing. */
  public CrossEntropyLoss() {
    this(ClassWeights.EVEN, 0);
  }

  /**
   * With weights of the classes, an ignored label and label smoothing.
   *
   * @param weights one for each class; empty for 1
   */
  public CrossEntropyLoss(List<Double> weights, int ignoreIndex, double labelSmoothing) {
    this(new ClassWeights(weights, ignoreIndex), labelSmoothing);
  }

  private CrossEntropyLoss(ClassWeights classes, double smoothing) {
    this.classes = classes;
    this.smoothing = smoothing;
  }

  static CrossEntropyLoss of(Spec spec) {
    spec.allow("weight", "ignore_index", "label_smoothing");
    return new CrossEntropyLoss(ClassWeights.read(spec), spec.number("label_smoothing", 0));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    IntTensor labels = Targets.labels("CrossEntropyLoss", target);
    Tensor scores = ClassWeights.rows("cross_entropy", output, labels);
    if (isPlain()) {
      return CrossEntropy.of(scores, labels.reshape(-1), classes.ignored());
    }
    return classes.logLikelihood(LogSoftmax.of(scores), labels, smoothing);
  }

  private boolean isPlain() {
    return smoothing == 0 && classes.weights().isEmpty();
  }

  @Override
  public double weight(Targets target) {
    return classes.sum(Targets.labels("CrossEntropyLoss", target));
  }

  @Override
  public double weight(Targets target, Tensor rows) {
    return classes.sum(Targets.labels("CrossEntropyLoss", target), rows);
  }

  @Override
  public boolean counts(int label) {
    return label != classes.ignored();
  }

  @Override
  public Spec toSpec() {
    return classes.write(Spec.of("CrossEntropyLoss")).with("label_smoothing", smoothing, 0.0);
  }
}
