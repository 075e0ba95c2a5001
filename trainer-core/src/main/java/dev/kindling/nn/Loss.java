package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.List;

/** How wrong the outputs of a batch are. Immutable. */
public interface Loss extends Serializable {

  /**
   * The loss of each sample, [n]. Training adds them up over all replicas and divides once, so the
   * gradient is that of their mean.
   */
  Tensor perSample(Tensor output, Targets target);

  /**
   * What the losses of a batch are divided by, added up over all replicas: their number, unless
   * they have weights. Allocates nothing.
   */
  default double weight(Targets target) {
    return target.count();
  }

  /** The mean, {@code sum of perSample / weight}: a scalar. */
  default Tensor forward(Tensor output, Targets target) {
    return perSample(output, target).sum().div(weight(target));
  }

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /**
   * Reads a loss from its written form.
   *
   * @throws SpecException naming an unknown loss and the nearest known one
   */
  static Loss of(Spec spec) {
    return switch (spec.type()) {
      case "CrossEntropyLoss" -> new CrossEntropyLoss();
      case "MSELoss" -> new MSELoss();
      default ->
          throw SpecException.unknown(
              "loss", "type", spec.type(), List.of("CrossEntropyLoss", "MSELoss"));
    };
  }
}
