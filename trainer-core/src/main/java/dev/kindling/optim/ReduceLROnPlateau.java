package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Falls when a metric has stopped improving: after more than {@code patience} epochs in a row
 * without a better value, {@code factor = max(minFactor, factor * by)}, and then {@code cooldown}
 * epochs in which nothing counts. Better is {@code < best * (1 - threshold)} (min, rel), {@code >
 * best * (1 + threshold)} (max, rel), {@code < best - threshold} (min, abs) or {@code > best +
 * threshold} (max, abs).
 *
 * <p>As a schedule its factor of a step is 1: what has been observed is not a function of the step.
 * It is a {@link State}, moved by the pure function {@link #next}. The one that owns the run (the
 * one-process trainer, or the shards of the parameter server) keeps it:
 *
 * <ol>
 *   <li>before the first step, {@code state = plateau.start()};
 *   <li>at the end of each epoch, before any step of the next one is applied, {@code state =
 *       plateau.next(state, value)}, where the value is the metric that came along the replica tree
 *       (its bits do not depend on the workers);
 *   <li>with every step, {@link Update#observedFactor}{@code = state.factor()}, on every shard;
 *   <li>into each checkpoint, the four numbers of {@link State#toArray()}.
 * </ol>
 *
 * <p>So a resumed run and one with other workers see the same factors.
 *
 * @param mode whether a small or a large value is good, min by default
 * @param by what a fall multiplies by, 0.1 by default; {@code factor} when written
 * @param patience epochs without improvement that are borne, 10 by default
 * @param threshold of an improvement, 1e-4 by default
 * @param thresholdMode whether it is a share of the best value (rel, by default) or a distance
 *     (abs)
 * @param cooldown epochs after a fall in which nothing counts, 0 by default
 * @param minFactor the smallest factor, 0 by default: PyTorch's {@code min_lr} over the base rate
 * @param metric which one: {@code test_loss} by default, or {@code test_accuracy}, {@code
 *     train_loss}, {@code train_accuracy}
 */
public record ReduceLROnPlateau(
    Mode mode,
    double by,
    int patience,
    double threshold,
    ThresholdMode thresholdMode,
    int cooldown,
    double minFactor,
    String metric)
    implements Schedule {

  private static final List<String> METRICS =
      List.of("test_loss", "test_accuracy", "train_loss", "train_accuracy");

  /** What a good value is. */
  public enum Mode {
    /** A small one. */
    MIN,
    /** A large one. */
    MAX
  }

  /** How the threshold is meant. */
  public enum ThresholdMode {
    /** As a share of the best value. */
    REL,
    /** As a distance to the best value. */
    ABS
  }

  /**
   * What has been seen. Immutable.
   *
   * @param best the best value
   * @param badEpochs epochs since without a better one
   * @param cooldownLeft epochs that do not count yet
   * @param factor on the learning rate, now
   */
  public record State(double best, int badEpochs, int cooldownLeft, double factor)
      implements Serializable {
    /** For a checkpoint: best, bad epochs, cooldown left, factor. */
    public double[] toArray() {
      return new double[] {best, badEpochs, cooldownLeft, factor};
    }

    /** From a checkpoint. */
    public static State of(double[] array) {
      return new State(array[0], (int) array[1], (int) array[2], array[3]);
    }
  }

  /** Checks the ranges that PyTorch checks. */
  public ReduceLROnPlateau {
    Hyperparameters.fraction("ReduceLROnPlateau", "factor", by);
    Hyperparameters.notNegative("ReduceLROnPlateau", "patience", patience);
    Hyperparameters.notNegative("ReduceLROnPlateau", "threshold", threshold);
    Hyperparameters.notNegative("ReduceLROnPlateau", "cooldown", cooldown);
    Hyperparameters.notNegative("ReduceLROnPlateau", "min_factor", minFactor);
    if (!METRICS.contains(metric)) {
      throw SpecException.unknown("ReduceLROnPlateau", "metric", metric, METRICS);
    }
  }

  static ReduceLROnPlateau of(Spec spec) {
    spec.allow(
        "mode",
        "factor",
        "patience",
        "threshold",
        "threshold_mode",
        "cooldown",
        "min_factor",
        "metric");
    return new ReduceLROnPlateau(
        choice(spec, "mode", "min", "max") ? Mode.MIN : Mode.MAX,
        spec.number("factor", 0.1),
        spec.integer("patience", 10),
        spec.number("threshold", 1e-4),
        choice(spec, "threshold_mode", "rel", "abs") ? ThresholdMode.REL : ThresholdMode.ABS,
        spec.integer("cooldown", 0),
        spec.number("min_factor", 0),
        spec.text("metric", "test_loss"));
  }

  private static boolean choice(Spec spec, String name, String first, String second) {
    String written = spec.text(name, first);
    if (!written.equals(first) && !written.equals(second)) {
      throw SpecException.unknown(spec.type(), name, written, List.of(first, second));
    }
    return written.equals(first);
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    return 1;
  }

  @Override
  public Optional<ReduceLROnPlateau> plateau() {
    return Optional.of(this);
  }

  /** Whether the metric is one of the test rows. */
  public boolean watchesTest() {
    return metric.startsWith("test");
  }

  /** Before the first value. */
  public State start() {
    double worst = mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    return new State(worst, 0, 0, 1);
  }

  /** After one more epoch with the given value of the metric; NaN is never better. */
  public State next(State state, double value) {
    boolean better = isBetter(value, state.best());
    boolean cooling = state.cooldownLeft() > 0;
    int bad = better || cooling ? 0 : state.badEpochs() + 1;
    int left = cooling ? state.cooldownLeft() - 1 : 0;
    double best = better ? value : state.best();
    return bad > patience
        ? new State(best, 0, cooldown, Math.max(minFactor, state.factor() * by))
        : new State(best, bad, left, state.factor());
  }

  private boolean isBetter(double value, double best) {
    double sign = mode == Mode.MIN ? -1 : 1;
    double bound =
        thresholdMode == ThresholdMode.REL
            ? best * (1 + sign * threshold)
            : best + sign * threshold;
    return mode == Mode.MIN ? value < bound : value > bound;
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "ReduceLROnPlateau",
        "mode",
        mode.name().toLowerCase(Locale.ROOT),
        "factor",
        by,
        "patience",
        patience,
        "threshold",
        threshold,
        "threshold_mode",
        thresholdMode.name().toLowerCase(Locale.ROOT),
        "cooldown",
        cooldown,
        "min_factor",
        minFactor,
        "metric",
        metric);
  }
}
