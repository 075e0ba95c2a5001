package dev.kindling.train;

import dev.kindling.nn.Module;
import dev.kindling.nn.Parameter;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A module's parameters and running statistics as one flat vector. Not thread-safe. */
public final class FlatParameters {
  private final FlatLayout layout;
  private final List<Tensor> parameters;
  private final Tensor[] tensors;
  private final int[] offsets;

  /** A module's flat vector: parameters in the order of the model, then statistics. */
  public FlatParameters(Module module) {
    layout = layoutOf(module);
    parameters = module.namedParameters().values().stream().map(Parameter::tensor).toList();
    List<Tensor> all = new ArrayList<>(parameters);
    module.namedStatistics().values().forEach(statistic -> all.add(statistic.tensor()));
    tensors = all.toArray(Tensor[]::new);
    offsets = layout.slots().stream().mapToInt(slot -> Math.toIntExact(slot.offset())).toArray();
  }

  /** Where each parameter and running statistic of a module stands. */
  public static FlatLayout layoutOf(Module module) {
    FlatLayout.Builder builder = new FlatLayout.Builder();
    module
        .namedParameters()
        .forEach(
            (name, parameter) -> builder.add(name, parameter.shape().toList(), Kind.PARAMETER));
    module
        .namedStatistics()
        .forEach((name, s) -> builder.addStatistic(name, s.shape().toList(), s.momentum()));
    return builder.build();
  }

  /**
   * A module's initial vector for a seed: {@link Module#initialize} laid out flat.
   *
   * @throws dev.kindling.tensor.HeapException where the parameters cannot fit the heap
   */
  public static float[] initialize(Module module, long seed) {
    VectorMemory.of(layoutOf(module))
        .with("parameters, the layers' own and all in one", 2)
        .require();
    module.initialize(seed);
    FlatParameters parameters = new FlatParameters(module);
    float[] values = parameters.layout.vector();
    parameters.copyTo(values);
    return values;
  }

  /** What stands where. */
  public FlatLayout layout() {
    return layout;
  }

  /** The parameters' tensors, in the order of the model. */
  public List<Tensor> tensors() {
    return parameters;
  }

  /** Makes every parameter and statistic read its elements from {@code values}, without a copy. */
  public void point(float[] values) {
    for (int i = 0; i < tensors.length; i++) {
      tensors[i].storage().point(values, offsets[i]);
    }
  }

  /** Copies the elements of every parameter and statistic into {@code values}. */
  public void copyTo(float[] values) {
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      System.arraycopy(
          tensor.array(), tensor.offset(), values, offsets[i], tensor.shape().elements());
    }
  }

  /** Copies of the parameters and running statistics in {@code values}, by name. */
  public static Map<String, Tensor> stateDict(FlatLayout layout, float[] values) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Slot slot : layout.slots()) {
      if (slot.kind() == Kind.METRIC) {
        continue;
      }
      int from = Math.toIntExact(slot.offset());
      float[] elements = Arrays.copyOfRange(values, from, from + slot.length());
      int[] sizes = slot.shape().stream().mapToInt(Integer::intValue).toArray();
      state.put(slot.name(), Tensor.of(elements, sizes));
    }
    return state;
  }
}
