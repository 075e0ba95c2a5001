package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/**
 * An update rule: how a parameter moves, given its gradient. It works on slices of flat arrays, so
 * that the same code runs in one process and in a shard of the parameter server.
 *
 * <p>Immutable; all that changes lives in the arrays of {@link Update}.
 */
public sealed interface Optimizer extends Serializable
    permits SGD, Adagrad, RMSprop, Adadelta, Adam, AdamW, NAdam {

  /** The types that can be written. */
  List<String> TYPES = List.of("SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "NAdam");

  /** The base learning rate; a {@link Schedule} scales it. */
  double lr();

  /** Names of the vectors kept for each parameter, PyTorch's: {@code exp_avg}, ... */
  List<String> stateNames();

  /** Applies the rule to one range: reads {@code current}, writes {@code next} and the state. */
  void update(Update range);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /**
   * Reads an optimizer from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static Optimizer of(Spec spec) {
    return switch (spec.type()) {
      case "SGD" -> SGD.of(spec);
      case "Adagrad" -> Adagrad.of(spec);
      case "RMSprop" -> RMSprop.of(spec);
      case "Adadelta" -> Adadelta.of(spec);
      case "Adam" -> Adam.of(spec);
      case "AdamW" -> AdamW.of(spec);
      case "NAdam" -> NAdam.of(spec);
      default -> throw SpecException.unknown("optimizer", "type", spec.type(), TYPES);
    };
  }
}
