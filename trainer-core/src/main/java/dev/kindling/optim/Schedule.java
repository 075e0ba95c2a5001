package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * The learning rate of each step, as a factor on the optimizer's base rate: {@code lr(step) = base
 * * factor(step)}. A pure function of the step, so that a shard and a resumed run agree; every
 * parameter group is scaled by the same factor. Types and arguments have PyTorch's names; lengths
 * are {@link Span}s, in steps or epochs. Where PyTorch takes a smallest rate ({@code eta_min},
 * {@code min_lr}), these take {@code min_factor}, its share of the base rate. Immutable.
 *
 * <p>A curve over epochs is followed at every step, not in stairs of an epoch.
 */
public sealed interface Schedule extends Serializable
    permits Schedule.Constant,
        StepLR,
        MultiStepLR,
        ExponentialLR,
        PolynomialLR,
        CosineAnnealingLR,
        CosineAnnealingWarmRestarts,
        OneCycleLR,
        LinearWarmup,
        ChainedScheduler,
        SequentialLR,
        ReduceLROnPlateau {

  /** The types that can be written. */
  List<String> TYPES =
      List.of(
          "Constant",
          "StepLR",
          "MultiStepLR",
          "ExponentialLR",
          "PolynomialLR",
          "CosineAnnealingLR",
          "CosineAnnealingWarmRestarts",
          "OneCycleLR",
          "LinearWarmup",
          "ChainedScheduler",
          "SequentialLR",
          "ReduceLROnPlateau");

  /**
   * The factor of a step.
   *
   * @param step counted from zero
   * @param stepsPerEpoch how many steps an epoch has
   */
  double factor(long step, long stepsPerEpoch);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /** The part that depends on a metric, if there is one; the trainer must feed it. */
  default Optional<ReduceLROnPlateau> plateau() {
    return Optional.empty();
  }

  /**
   * Reads a schedule from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static Schedule of(Spec spec) {
    return switch (spec.type()) {
      case "Constant" -> Constant.of(spec);
      case "StepLR" -> StepLR.of(spec);
      case "MultiStepLR" -> MultiStepLR.of(spec);
      case "ExponentialLR" -> ExponentialLR.of(spec);
      case "PolynomialLR" -> PolynomialLR.of(spec);
      case "CosineAnnealingLR" -> CosineAnnealingLR.of(spec);
      case "CosineAnnealingWarmRestarts" -> CosineAnnealingWarmRestarts.of(spec);
      case "OneCycleLR" -> OneCycleLR.of(spec);
      case "LinearWarmup" -> LinearWarmup.of(spec);
      case "ChainedScheduler" -> ChainedScheduler.of(spec);
      case "SequentialLR" -> SequentialLR.of(spec);
      case "ReduceLROnPlateau" -> ReduceLROnPlateau.of(spec);
      default -> throw SpecException.unknown("schedule", "type", spec.type(), TYPES);
    };
  }

  /** {@code factor = 1}: the base rate throughout. */
  record Constant() implements Schedule {
    static Constant of(Spec spec) {
      spec.allow();
      return new Constant();
    }

    @Override
    public double factor(long step, long stepsPerEpoch) {
      return 1;
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Constant");
    }
  }
}
