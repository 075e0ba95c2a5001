package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalDouble;

/**
 * An update rule: how a parameter moves, given its gradient. It works on slices of flat arrays, so
 * that the same code runs in one process and in a shard of the parameter server.
 *
 * <p>Immutable; all that changes lives in the arrays of {@link Update}.
 */
public sealed interface Optimizer extends Serializable
    permits SGD,
        Adagrad,
        RMSprop,
        Adadelta,
        Adam,
        AdamW,
        NAdam,
        TrustRatio,
        ParameterGroups,
        ClipByValue,
        ClipByNorm {

  /** The types that can be written. */
  List<String> TYPES =
      List.of("SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "NAdam", "LARS", "LAMB");

  /** The base learning rate; a {@link Schedule} scales it. */
  double lr();

  /** Names of the vectors kept for each parameter, PyTorch's: {@code exp_avg}, ... */
  List<String> stateNames();

  /** Applies the rule to one range: reads {@code current}, writes {@code next} and the state. */
  void update(Update range);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /**
   * The rule for one parameter: its group's, if it has one.
   *
   * @param name of the parameter
   * @param dims number of its dimensions
   */
  default Optimizer forParameter(String name, int dims) {
    return this;
  }

  /**
   * Checks the patterns of the groups against the names of a model.
   *
   * @throws SpecException naming a pattern that fits none
   */
  default void requireMatches(List<String> names) {}

  /** The largest norm of the whole gradient, if it is clipped or measured. */
  default OptionalDouble maxNorm() {
    return OptionalDouble.empty();
  }

  /**
   * Reads an optimizer from its written form. Beside its own arguments each takes {@code groups}
   * ({@link ParameterGroup}), {@code clip_value} ({@link ClipByValue}) and {@code clip_norm}
   * ({@link ClipByNorm}).
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static Optimizer of(Spec spec) {
    Spec own = Written.own(spec);
    Optimizer rule =
        switch (spec.type()) {
          case "SGD" -> SGD.of(own);
          case "Adagrad" -> Adagrad.of(own);
          case "RMSprop" -> RMSprop.of(own);
          case "Adadelta" -> Adadelta.of(own);
          case "Adam" -> Adam.of(own);
          case "AdamW" -> AdamW.of(own);
          case "NAdam" -> NAdam.of(own);
          case "LARS" -> LARS.of(own);
          case "LAMB" -> LAMB.of(own);
          default -> throw SpecException.unknown("optimizer", "type", spec.type(), TYPES);
        };
    return Written.around(rule, spec);
  }
}
