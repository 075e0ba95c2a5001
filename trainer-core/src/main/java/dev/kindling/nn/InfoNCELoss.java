package dev.kindling.nn;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * {@code loss[i] = -log(e^(cos(q[i], k[i]) / t) / sum over j of e^(cos(q[i], k[j]) / t))}: every
 * query has to find its own key among those of the replica's share of the batch (van den Oord et
 * al., 2018). Outputs are the pairs [n, 2, d]; targets are not looked at. The temperature t is 0.1
 * unless given.
 */
public final class InfoNCELoss implements Loss {
  private static final long serialVersionUID = 1L;
  private static final double TEMPERATURE = 0.1;

  private final double temperature;

  /** With temperature 0.1. */
  public InfoNCELoss() {
    this(TEMPERATURE);
  }

  /** With a temperature. */
  public InfoNCELoss(double temperature) {
    this.temperature = temperature;
  }

  static InfoNCELoss of(Spec spec) {
    return new InfoNCELoss(spec.allow("temperature").number("temperature", TEMPERATURE));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    Tensor[] pair = Losses.vectors("InfoNCELoss", output, 2);
    Tensor similarities = Losses.unit(pair[0]).matmul(Losses.unit(pair[1]).t());
    int[] own = IntStream.range(0, output.size(0)).toArray();
    return CrossEntropy.of(similarities.div(temperature), IntTensor.of(own));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("InfoNCELoss").with("temperature", temperature, TEMPERATURE);
  }
}
