package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code loss = -weight[label] * x[label]}: negative log-likelihood. Outputs are logarithms of
 * probabilities [n, classes], as of {@link LogSoftmax}; targets, weights and the ignored label as
 * in {@link CrossEntropyLoss}.
 */
public final class NLLLoss implements Loss {
  private static final long serialVersionUID = 1L;

  private final ClassWeights classes;

  /** Every class counts as much. */
  public NLLLoss() {
    this(ClassWeights.EVEN);
  }

  /**
   * With weights of the classes and an ignored label.
   *
   * @param weights one for each class; empty for 1
   */
  public NLLLoss(List<Double> weights, int ignoreIndex) {
    this(new ClassWeights(weights, ignoreIndex));
  }

  private NLLLoss(ClassWeights classes) {
    this.classes = classes;
  }

  static NLLLoss of(Spec spec) {
    return new NLLLoss(ClassWeights.read(spec.allow("weight", "ignore_index")));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    IntTensor labels = Targets.labels("NLLLoss", target);
    return classes.logLikelihood(ClassWeights.rows("nll_loss", output, labels), labels, 0);
  }

  @Override
  public double weight(Targets target) {
    return classes.sum(Targets.labels("NLLLoss", target));
  }

  @Override
  public double weight(Targets target, Tensor rows) {
    return classes.sum(Targets.labels("NLLLoss", target), rows);
  }

  @Override
  public boolean counts(int label) {
    return label != classes.ignored();
  }

  @Override
  public Spec toSpec() {
    return classes.write(Spec.of("NLLLoss"));
  }
}
