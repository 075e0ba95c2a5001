package dev.kindling.train;

import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.TrustRatio;
import dev.kindling.optim.Update;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens to any range of the flat vector when the sum over all replicas is complete: the
 * optimizer's rule on parameters, each by its group, a moving mean on statistics, a running sum on
 * metrics. The same code serves the one-process trainer and every shard.
 *
 * <p>Elementwise rules ({@link #measurements()} is empty) take a range as soon as its sum is there:
 * {@link #apply(Update, long)}. Rules of the whole gradient (clipping by global norm, LARS, LAMB)
 * wait for all ranges:
 *
 * <pre>
 * for (Measurement what : rule.measurements()) {
 *   double[] parts = new double[norms.length(what, from, to)];       // each shard, each range
 *   rule.measure(what, u, base, norms, parts);                       // changes no state
 *   norms.add(what, from, to, parts);                                // everywhere, in vector order
 * }
 * rule.apply(u, base, norms);                                        // each shard, each range
 * </pre>
 *
 * <p>A step without weight ({@link Update#gradientScale} is 0: every row counts 0, or every label
 * is ignored) changes neither parameters nor statistics nor the optimizer's vectors: a mean of
 * nothing has no value. Metrics are added up, and the step counts.
 *
 * <p>Ranges may be cut in any way: the bits are the same. A measurement writes nothing but {@link
 * Update#next}, so until the first apply a step can be refused ({@link GradientNorms#gradientNorm}
 * not finite) or begun again.
 *
 * <p>Immutable and thread-safe: ranges may be applied by different threads, each with its own
 * {@link Update}.
 */
public final class FlatUpdate {

  /** Keeps the clipping of a zero gradient finite, as PyTorch does. */
  private static final double CLIP_EPS = 1e-6;

  private final FlatLayout layout;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final long stepsPerEpoch;
  private final Optimizer[] rules;
  private final List<Measurement> measurements;
  private final double maxNorm;

  /**
   * The rule of a run.
   *
   * @param layout what stands where
   * @param optimizer the rule of the parameters
   * @param schedule the learning rate of each step
   * @param stepsPerEpoch the metrics start again after so many steps
   * @throws dev.kindling.spec.SpecException if a parameter group fits no parameter
   */
  public FlatUpdate(FlatLayout layout, Optimizer optimizer, Schedule schedule, long stepsPerEpoch) {
    this.layout = layout;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.stepsPerEpoch = stepsPerEpoch;
    optimizer.requireMatches(layout.parameterSlots().stream().map(Slot::name).toList());
    rules =
        layout.slots().stream()
            .map(slot -> optimizer.forParameter(slot.name(), slot.shape().size()))
            .toArray(Optimizer[]::new);
    measurements = measurementsOf(optimizer);
    maxNorm = optimizer.maxNorm().orElse(Double.POSITIVE_INFINITY);
  }

  private static List<Measurement> measurementsOf(Optimizer optimizer) {
    List<Measurement> needed = new ArrayList<>();
    if (optimizer.maxNorm().isPresent()) {
      needed.add(Measurement.GRADIENT);
    }
    if (optimizer.forParameter("", 0) instanceof TrustRatio) {
      needed.add(Measurement.DIRECTION);
    }
    return List.copyOf(needed);
  }

  /** What stands where. */
  public FlatLayout layout() {
    return layout;
  }

  /** The rule of the parameters. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** The learning rate of each step, as a factor. */
  public Schedule schedule() {
    return schedule;
  }

  /** Whether the schedule follows a metric of the training rows, whose sums are in the vector. */
  public boolean watchesTraining() {
    return schedule.plateau().filter(plateau -> !plateau.watchesTest()).isPresent();
  }

  /** Steps of an epoch. */
  public long stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** The learning rate of a step from zero, before {@link Update#observedFactor}. */
  public double lr(long step) {
    return optimizer.lr() * schedule.factor(step, stepsPerEpoch);
  }

  /** What must be measured over the whole vector, in order, before a range may be applied. */
  public List<Measurement> measurements() {
    return measurements;
  }

  /**
   * Applies step {@code u.step} of an elementwise rule to the elements {@code u.from} to {@code
   * u.to}. The caller sets the arrays, the range, the gradient's scale and the step; learning rates
   * are set here.
   *
   * @param base the vector's element that index zero of the arrays holds
   * @throws IllegalStateException if the rule needs norms of the whole gradient
   */
  public void apply(Update u, long base) {
    if (!measurements.isEmpty()) {
      throw new IllegalStateException(
          "%s needs norms of the whole gradient: measure every range, then apply with the norms"
              .formatted(optimizer.toSpec()));
    }
    apply(u, base, null);
  }

  /**
   * The same for any rule, after all of its {@link #measurements()}.
   *
   * @param norms what was measured
   * @throws IllegalStateException if a range was not measured
   */
  public void apply(Update u, long base, GradientNorms norms) {
    for (int i = 0; i < measurements.size(); i++) {
      norms.requireComplete(measurements.get(i));
    }
    int from = u.from;
    int to = u.to;
    int gradientFrom = u.gradientFrom;
    float scale = u.gradientScale;
    double factor = factor(u);
    float clipped = clippedScale(u, norms);
    for (int i = 0; i < rules.length; i++) {
      Slot slot = layout.slots().get(i);
      if (narrow(u, slot, base, from, to, gradientFrom)) {
        u.gradientScale = slot.kind() == Kind.PARAMETER ? clipped : scale;
        if (scale == 0 && slot.kind() != Kind.METRIC) {
          System.arraycopy(u.current, u.from, u.next, u.from, u.to - u.from);
        } else {
          applySlot(u, i, factor, norms);
        }
      }
    }
    restore(u, from, to, gradientFrom, scale);
  }

  /**
   * Measures a range: writes as many sums of squares as {@link GradientNorms#length} says. Changes
   * neither values nor state, but uses {@link Update#next}, which must be another array than {@link
   * Update#current}.
   *
   * @param what one of {@link #measurements()}
   * @param norms the measurements before this one
   */
  public void measure(Measurement what, Update u, long base, GradientNorms norms, double[] parts) {
    int from = u.from;
    int to = u.to;
    int gradientFrom = u.gradientFrom;
    float scale = u.gradientScale;
    float clipped = what == Measurement.DIRECTION ? clippedScale(u, norms) : scale;
    int at = 0;
    for (int i = 0; i < rules.length; i++) {
      Slot slot = layout.slots().get(i);
      if (slot.kind() == Kind.PARAMETER && narrow(u, slot, base, from, to, gradientFrom)) {
        u.gradientScale = clipped;
        at =
            what == Measurement.GRADIENT
                ? gradient(u, base, parts, at)
                : direction(u, i, base, parts, at);
      }
    }
    restore(u, from, to, gradientFrom, scale);
  }

  /** Measures and applies where one range is the whole vector. */
  public void applyWhole(Update u, GradientNorms norms) {
    for (int i = 0; i < measurements.size(); i++) {
      Measurement what = measurements.get(i);
      double[] parts = norms.parts(norms.length(what, 0, layout.length()));
      measure(what, u, 0, norms, parts);
      norms.add(what, 0, layout.length(), parts);
    }
    apply(u, 0, norms);
  }

  private static int gradient(Update u, long base, double[] parts, int at) {
    long shift = u.gradientFrom - u.from - base;
    return SquareTree.measure(u.gradient, shift, u.from + base, u.to + base, parts, at);
  }

  private int direction(Update u, int slot, long base, double[] parts, int at) {
    ((TrustRatio) rules[slot]).direction(u);
    long from = u.from + base;
    long to = u.to + base;
    int next = SquareTree.measure(u.current, -base, from, to, parts, at);
    return SquareTree.measure(u.next, -base, from, to, parts, next);
  }

  private double factor(Update u) {
    return schedule.factor(u.step, stepsPerEpoch) * u.observedFactor;
  }

  /** The scale that also clips: {@code scale * min(1, limit / (norm + 1e-6))}. */
  private float clippedScale(Update u, GradientNorms norms) {
    if (!measurements.contains(Measurement.GRADIENT)) {
      return u.gradientScale;
    }
    double norm = norms.gradientNorm() * u.gradientScale;
    double clip = maxNorm / (norm + CLIP_EPS);
    return (float) (u.gradientScale * Math.min(1, clip));
  }

  private void applySlot(Update u, int slot, double factor, GradientNorms norms) {
    switch (layout.slots().get(slot).kind()) {
      case PARAMETER -> move(u, slot, factor, norms);
      case STATISTIC -> moveToward(u, layout.slots().get(slot).momentum());
      case METRIC -> accumulate(u);
    }
  }

  private void move(Update u, int slot, double factor, GradientNorms norms) {
    u.lr = (float) (rules[slot].lr() * factor);
    if (rules[slot] instanceof TrustRatio rule) {
      u.trust = (float) rule.ratio(norms.parameterNorm(slot), norms.directionNorm(slot));
    }
    rules[slot].update(u);
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

  /** Sets the part of [from, to) that lies in the slot; false if there is none. */
  private static boolean narrow(
      Update u, Slot slot, long base, int from, int to, int gradientFrom) {
    u.from = (int) Math.max(from, Math.min(to, slot.offset() - base));
    u.to = (int) Math.max(from, Math.min(to, slot.end() - base));
    u.gradientFrom = gradientFrom + (u.from - from);
    return u.from < u.to;
  }

  private static void restore(Update u, int from, int to, int gradientFrom, float scale) {
    u.from = from;
    u.to = to;
    u.gradientFrom = gradientFrom;
    u.gradientScale = scale;
  }
}
