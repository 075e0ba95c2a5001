package dev.kindling.train;

import dev.kindling.optim.LinearWarmup;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Span;
import dev.kindling.spec.Spec;
import java.util.List;

/**
 * What a batch k times as large as the one that the learning rate was found for needs (Goyal et
 * al., 2017):
 *
 * <pre>
 * rate      k * lr, or sqrt(k) * lr for rules that divide by the gradient's size (Adam, LAMB)
 * warm-up   from lr to that rate over e epochs
 * </pre>
 *
 * <p>Momentum needs no correction when the rate changes: it stands outside of {@code SGD}'s buffer.
 * Groups keep their proportions by {@code lr_factor}. Immutable.
 *
 * @param batchSize rows of a step
 * @param baseBatchSize rows of a step for which the rate was found
 * @param scaling how the rate follows
 * @param warmupEpochs e; 0 for none
 */
public record LargeBatch(int batchSize, int baseBatchSize, Scaling scaling, double warmupEpochs) {
  private static final List<String> ADAPTIVE = List.of("Adam", "AdamW", "NAdam", "LAMB");

  /** How a learning rate follows the batch. */
  public enum Scaling {
    /** The square root for Adam's kin and LAMB, else in proportion. */
    AUTO,
    /** In proportion. */
    LINEAR,
    /** By the square root. */
    SQRT,
    /** Not at all. */
    NONE
  }

  /** Checks the numbers. */
  public LargeBatch {
    if (batchSize < 1 || baseBatchSize < 1 || !(warmupEpochs >= 0)) {
      throw new IllegalArgumentException(
          "train: batch_size is %d, base_batch_size %d, warmup_epochs %s; at least 1, 1 and 0"
              .formatted(batchSize, baseBatchSize, warmupEpochs));
    }
  }

  /** What the rate of an optimizer is multiplied by. */
  public double factor(String optimizer) {
    double k = (double) batchSize / baseBatchSize;
    boolean isRoot =
        scaling == Scaling.SQRT || scaling == Scaling.AUTO && ADAPTIVE.contains(optimizer);
    return scaling == Scaling.NONE ? 1 : isRoot ? StrictMath.sqrt(k) : k;
  }

  /** The written optimizer with its rate scaled. */
  public Spec scale(Spec optimizer) {
    double factor = factor(optimizer.type());
    return factor == 1
        ? optimizer
        : optimizer.with("lr", Optimizer.of(optimizer).lr() * factor, null);
  }

  /** The schedule behind a warm-up from the rate before scaling. */
  public Schedule warmUp(Schedule schedule, String optimizer) {
    return warmupEpochs == 0
        ? schedule
        : new LinearWarmup(Span.epochs(warmupEpochs), Math.min(1, 1 / factor(optimizer)), schedule);
  }
}
