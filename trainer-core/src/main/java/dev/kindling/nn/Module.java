package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A layer or a network: parameters, children, and what it computes. Parameters and children are
 * registered in the constructor and named as in PyTorch ({@code 1.weight}).
 *
 * <p>Serialised as its description; elements travel apart. Not thread-safe.
 */
public abstract class Module implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();

  /** What this module computes. */
  public abstract Tensor forward(Tensor x);

  /** The written form, read back by {@link Modules#of(Spec)}. */
  public abstract Spec toSpec();

  /** Registers a parameter of this module. */
  protected final Parameter register(String name, Parameter parameter) {
    parameters.put(name, parameter);
    return parameter;
  }

  /** Registers a child. */
  protected final <M extends Module> M register(String name, M child) {
    children.put(name, child);
    return child;
  }

  /** The children by name, in order. */
  public final Map<String, Module> namedChildren() {
    return java.util.Collections.unmodifiableMap(children);
  }

  /** Every parameter below this module by its dotted name, in the order of the model. */
  public final Map<String, Parameter> namedParameters() {
    Map<String, Parameter> all = new LinkedHashMap<>();
    forEachParameter("", all::put);
    return all;
  }

  private void forEachParameter(String prefix, BiConsumer<String, Parameter> action) {
    parameters.forEach((name, parameter) -> action.accept(prefix + name, parameter));
    children.forEach((name, child) -> child.forEachParameter(prefix + name + ".", action));
  }

  /**
   * Fills every parameter as its initialiser says. Parameter number i draws from a stream of its
   * own, so that the same seed gives the same bits everywhere.
   */
  public final Module initialize(long seed) {
    int number = 0;
    for (Parameter parameter : namedParameters().values()) {
      Tensor tensor = parameter.tensor();
      Philox random = Streams.initialization(seed, number++);
      parameter.initializer().fill(tensor.array(), tensor.offset(), tensor.shape(), random);
    }
    return this;
  }

  /** The parameters' elements by name, shared, not copied. */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    forEachParameter("", (name, parameter) -> state.put(name, parameter.tensor().detach()));
    return state;
  }

  /**
   * Copies elements into the parameters.
   *
   * @throws IllegalArgumentException naming what is missing, unknown, or of another shape
   */
  public final void loadStateDict(Map<String, Tensor> state) {
    Map<String, Parameter> own = namedParameters();
    for (String name : state.keySet()) {
      if (!own.containsKey(name)) {
        throw new IllegalArgumentException(
            "loadStateDict: no parameter is named '%s'; the model has %s"
                .formatted(name, own.keySet()));
      }
    }
    own.forEach((name, parameter) -> load(name, parameter.tensor(), state.get(name)));
  }

  private static void load(String name, Tensor parameter, Tensor elements) {
    if (elements == null || !elements.shape().equals(parameter.shape())) {
      throw new IllegalArgumentException(
          "loadStateDict: '%s' is %s; the model needs %s"
              .formatted(name, elements == null ? "missing" : elements.shape(), parameter.shape()));
    }
    float[] values = elements.toArray();
    System.arraycopy(values, 0, parameter.array(), parameter.offset(), values.length);
  }
}
