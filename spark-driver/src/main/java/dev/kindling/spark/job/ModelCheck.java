package dev.kindling.spark.job;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.data.augment.Augmentation;
import dev.kindling.nn.Summary;
import dev.kindling.tensor.Shape;
import dev.kindling.train.Evaluator;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.ModelTables;
import dev.kindling.train.TrainingConfig;
import java.util.List;

/** Whether a network and its loss fit the data; asked before a worker runs. */
final class ModelCheck {
  private ModelCheck() {}

  /**
   * Whether transforms fit the rows; then one row of zeros runs through network and loss.
   *
   * @throws IllegalArgumentException naming the layer or the sizes that do not fit
   */
  static void check(TrainingConfig training, RowFormat format) {
    int[] sizes = format.shape().stream().mapToInt(Integer::intValue).toArray();
    Summary summary = Summary.of(training.model(), Shape.of(sizes));
    Shape output = summary.rows().get(summary.rows().size() - 1).output();
    if (format.target() instanceof Target.Labels labels
        && labels.length() == 1
        && output.rank() == 1
        && output.size(0) < labels.classes()) {
      throw new IllegalArgumentException(
          "model: %d outputs, but the data have %d classes; give the last layer an output for each class"
              .formatted(output.size(0), labels.classes()));
    }
    if (!training.transforms().isEmpty()) {
      new Augmentation(format, training.transforms(), training.seed(), 0);
    }
    Slice zeros = new SliceBuilder(format).append(new byte[format.length()]).build();
    float[] values = FlatParameters.layoutOf(training.model()).vector();
    ModelTables.connect(
        training.model(), ModelTables.trained(training.model(), training.seed(), List.of()));
    new Evaluator(training).evaluate(values, zeros);
  }
}
