package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Scales the mean gradient of the whole model by {@code min(1, limit / (norm + 1e-6))} before the
 * rule sees it, where norm is the L2 norm over all parameters: PyTorch's {@code clip_grad_norm_}.
 * Written as the argument {@code clip_norm} of the rule. An infinite limit only measures.
 *
 * <p>The norm needs the gradient of every bucket; the one that applies the rule sets the scale.
 *
 * @param rule what moves the parameters
 * @param limit the largest norm
 */
public record ClipByNorm(Optimizer rule, double limit) implements Optimizer {

  /** Checks the limit. */
  public ClipByNorm {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(
          "%s: clip_norm is %s; it must be above zero".formatted(rule.toSpec().type(), limit));
    }
  }

  @Override
  public double lr() {
    return rule.lr();
  }

  @Override
  public List<String> stateNames() {
    return rule.stateNames();
  }

  @Override
  public OptionalDouble maxNorm() {
    return OptionalDouble.of(limit);
  }

  @Override
  public Optimizer forParameter(String name, int dims) {
    return rule.forParameter(name, dims);
  }

  @Override
  public void requireMatches(List<String> names) {
    rule.requireMatches(names);
  }

  @Override
  public void update(Update u) {
    rule.update(u);
  }

  @Override
  public Spec toSpec() {
    return Written.with(rule.toSpec(), Written.CLIP_NORM, limit);
  }
}
