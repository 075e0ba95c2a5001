package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Clips every element of the mean gradient to [-limit, limit] before the rule sees it: PyTorch's
 * {@code clip_grad_value_}. Written as the argument {@code clip_value} of the rule.
 *
 * @param rule what moves the parameters; an elementwise one
 * @param limit the largest size of an element
 */
public record ClipByValue(Optimizer rule, double limit) implements Optimizer {

  /** Checks the limit and the rule. */
  public ClipByValue {
    Hyperparameters.notNegative(rule.toSpec().type(), "clip_value", limit);
    if (rule.forParameter("", 0) instanceof TrustRatio || rule.maxNorm().isPresent()) {
      throw new IllegalArgumentException(
          rule.toSpec().type()
              + ": clip_value does not go together with clip_norm or a trust ratio; keep one");
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
  public Optimizer forParameter(String name, int dims) {
    return new ClipByValue(rule.forParameter(name, dims), limit);
  }

  @Override
  public void requireMatches(List<String> names) {
    rule.requireMatches(names);
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.gradient;
    int gradientFrom = u.gradientFrom;
    float scale = u.gradientScale;
    clip(u.alignedGradient(), u.scratch(), u.from, u.to, scale, (float) limit);
    u.gradient = u.next;
    u.gradientFrom = u.from;
    u.gradientScale = 1;
    rule.update(u);
    u.gradient = gradient;
    u.gradientFrom = gradientFrom;
    u.gradientScale = scale;
  }

  private static void clip(
      float[] gradient, float[] clipped, int from, int to, float scale, float limit) {
    for (int i = from; i < to; i++) {
      clipped[i] = Math.max(-limit, Math.min(limit, gradient[i] * scale));
    }
  }

  @Override
  public Spec toSpec() {
    return Written.with(rule.toSpec(), Written.CLIP_VALUE, limit);
  }
}
