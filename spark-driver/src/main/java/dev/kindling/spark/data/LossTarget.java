package dev.kindling.spark.data;

import dev.kindling.data.Target;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
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
    List<Integer> sizes = new ArrayList<>(shape);
    sizes.add(0, 1);
    boolean wasTraining = model.isTraining();
    Tensor output = model.eval().forward(Tensor.zeros(Shape.of(sizes).toArray()));
    model.train(wasTraining);
    try {
      loss.perSample(output, new Targets.Labels(new IntTensor(Shape.of(1), new int[1])));
      return Target.label(output.size(-1));
    } catch (IllegalArgumentException e) {
      return Target.values(1); // the loss says so: it compares with values
    }
  }
}
