package dev.kindling.spark.data;

import dev.kindling.data.Target;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Summary;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;

/** What a network with its loss is trained to predict. */
public final class LossTarget {
  private LossTarget() {}

  /**
   * Labels, as many classes as the network has outputs, if its loss takes them; else values.
   *
   * @param shape of a row's features
   */
  public static Target of(Module model, Loss loss, List<Integer> shape) {
    int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
    List<Summary.Row> layers = Summary.of(model, Shape.of(sizes)).rows();
    Shape sample = layers.get(layers.size() - 1).output();
    Tensor output = Tensor.zeros(sample.insert(0, 1).toArray());
    try {
      loss.perSample(output, new Targets.Labels(new IntTensor(Shape.of(1), new int[1])));
      return Target.label(output.size(-1));
    } catch (IllegalArgumentException e) {
      return Target.values(1); // the loss says so: it compares with values
    }
  }
}
