package dev.kindling.train;

import dev.kindling.autograd.Plan;
import dev.kindling.autograd.ops.Softmax;
import dev.kindling.data.RowBuffer;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.Module;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a trained network says of encoded rows: probabilities of the classes, or values. Not
 * thread-safe; one for each thread, though the parameters may be shared.
 */
public final class Predictor {
  /** Rows of one forward pass of an evaluation; part of the result's bits. */
  private static final int BATCH = 256;

  private final Module model;
  private final RowFormat format;
  private final boolean isProbability;
  private final Map<Integer, Captured> captured = new HashMap<>();
  private int[] order = {};

  /** A network whose parameters stand in {@code values}, which is not copied. */
  public Predictor(Module model, float[] values, RowFormat format) {
    this(model, values, format, format.target() instanceof Target.Labels);
  }

  private Predictor(Module model, float[] values, RowFormat format, boolean isProbability) {
    this.model = model;
    this.format = format;
    this.isProbability = isProbability;
    new FlatParameters(model).point(values);
  }

  /** The outputs as the network gives them, where probabilities would round large ones to one. */
  public static Predictor ofOutputs(Module model, float[] values, RowFormat format) {
    return new Predictor(model, values, format, false);
  }

  private record Captured(BatchInput input, Plan plan, Tensor output) {}

  /** One vector of outputs for each encoded row, in their order. */
  public List<float[]> predict(List<byte[]> rows) {
    SliceBuilder builder = new SliceBuilder(format, rows.size());
    rows.forEach(builder::append);
    int[] order = IntStream.range(0, rows.size()).toArray();
    return split(run(builder.build(), order, 0, rows.size()).output.toArray(), rows.size());
  }

  /**
   * One vector of outputs for each row of a buffer, in their order.
   *
   * @throws IllegalArgumentException where it holds rows of another kind
   */
  public float[][] predict(RowBuffer rows) {
    if (!rows.format().equals(format)) {
      throw new IllegalArgumentException(
          "predict: rows of %s; the network reads %s".formatted(rows.format(), format));
    }
    if (order.length < rows.size()) {
      order = IntStream.range(0, rows.capacity()).toArray();
    }
    Tensor output = run(rows.rows(), order, 0, rows.size()).output;
    int width = Math.toIntExact(output.shape().elements() / rows.size());
    float[][] each = new float[rows.size()][];
    for (int i = 0; i < each.length; i++) {
      int from = output.offset() + i * width;
      each[i] = Arrays.copyOfRange(output.array(), from, from + width);
    }
    return each;
  }

  private Captured run(Slice slice, int[] order, int from, int rows) {
    Captured plan = captured.computeIfAbsent(rows, this::capture);
    plan.input.fill(slice, order, from);
    plan.plan.run();
    return plan;
  }

  /** Adds the rows of a slice to an evaluation, in its order. */
  void evaluate(Slice slice, Evaluation evaluation) {
    int[] order = IntStream.range(0, slice.size()).toArray();
    for (int from = 0; from < order.length; from += BATCH) {
      Captured batch = run(slice, order, from, Math.min(BATCH, order.length - from));
      evaluation.add(batch.input, batch.output, label -> true);
    }
  }

  private Captured capture(int rows) {
    BatchInput input = new BatchInput(format, rows);
    boolean wasTraining = model.isTraining();
    Tensor output = model.eval().forward(input.features()).contiguous();
    model.train(wasTraining);
    Tensor said = isProbability ? Softmax.of(output) : output;
    return new Captured(input, Plan.of(List.of(said)), said);
  }

  private static List<float[]> split(float[] outputs, int rows) {
    int width = outputs.length / rows;
    List<float[]> each = new ArrayList<>(rows);
    for (int i = 0; i < rows; i++) {
      each.add(Arrays.copyOfRange(outputs, i * width, (i + 1) * width));
    }
    return each;
  }

  /** The place of the largest output, the first of equals. */
  public static int argmax(float[] output) {
    int best = 0;
    for (int i = 1; i < output.length; i++) {
      if (output[i] > output[best]) {
        best = i;
      }
    }
    return best;
  }
}
