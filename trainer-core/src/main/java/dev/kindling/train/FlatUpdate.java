package dev.kindling.train;

import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.train.FlatLayout.Slot;

/**
 * What happens to any range of the flat vector when the sum over all replicas is complete: the
 * optimizer's rule on parameters, a moving mean on statistics, a running sum on metrics. The same
 * code serves the one-process trainer and every shard.
 *
 * <p>Immutable and thread-safe: ranges may be applied by different threads, each with its own
 * {@link Update}.
 *
 * @param layout what stands where
 * @param optimizer the rule of the parameters
 * @param schedule the learning rate of each step
 * @param stepsPerEpoch the metrics start again after so many steps
 */
public record FlatUpdate(
    FlatLayout layout, Optimizer optimizer, Schedule schedule, long stepsPerEpoch) {

  /**
   * Applies step {@code u.step} to the elements {@code u.from} to {@code u.to}. The caller sets the
   * arrays, the range, the gradient's scale and the step; the learning rate is set here.
   *
   * @param base the vector's element that index zero of the arrays holds
   */
  public void apply(Update u, long base) {
    int from = u.from;
    int to = u.to;
    int gradientFrom = u.gradientFrom;
    u.lr = (float) (lr(u.step) * u.observedFactor);
    for (int i = 0; i < layout.slots().size(); i++) {
      Slot slot = layout.slots().get(i);
      u.from = (int) Math.max(from, Math.min(to, slot.offset() - base));
      u.to = (int) Math.max(from, Math.min(to, slot.end() - base));
      if (u.from < u.to) {
        u.gradientFrom = gradientFrom + (u.from - from);
        applySlot(u, slot);
      }
    }
    u.from = from;
    u.to = to;
    u.gradientFrom = gradientFrom;
  }

  /**
   * The learning rate of a step, counted from zero, before what {@link Update#observedFactor} adds.
   */
  public double lr(long step) {
    return optimizer.lr() * schedule.factor(step, stepsPerEpoch);
  }

  private void applySlot(Update u, Slot slot) {
    switch (slot.kind()) {
      case PARAMETER -> optimizer.update(u);
      case STATISTIC -> moveToward(u, slot.momentum());
      case METRIC -> accumulate(u);
    }
  }

  private static void moveToward(Update u, float momentum) {
    for (int i = u.from, g = u.gradientFrom; i < u.to; i++, g++) {
      float mean = u.gradient[g] * u.gradientScale;
      u.next[i] = u.current[i] + momentum * (mean - u.current[i]);
    }
  }

  private void accumulate(Update u) {
    float keep = u.step % stepsPerEpoch == 0 ? 0 : 1;
    for (int i = u.from, g = u.gradientFrom; i < u.to; i++, g++) {
      u.next[i] = keep * u.current[i] + u.gradient[g];
    }
  }
}
