package dev.kindling.nn;

import dev.kindling.autograd.Recomputation;
import dev.kindling.kernel.Philox;
import dev.kindling.spec.NamePattern;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A layer or a network: parameters, children, and what it computes. Parameters and children are
 * registered in the constructor and named as in PyTorch ({@code 1.weight}).
 *
 * <p>Serialised as its description; elements travel apart. Not thread-safe.
 */
public abstract class Module implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, SparseParameter> sparse = new LinkedHashMap<>();
  private final Map<String, RunningStatistic> statistics = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final Map<String, Initializer> starts = new LinkedHashMap<>();
  private transient boolean isEvaluating;
  private transient StepContext context;

  /** What this module computes. */
  public abstract Tensor forward(Tensor x);

  /** The written form, read back by {@link Modules#of(Spec)}. */
  public final Spec toSpec() {
    if (starts.isEmpty()) {
      return describe();
    }
    Map<String, Object> written = new LinkedHashMap<>();
    starts.forEach((pattern, start) -> written.put(pattern, start.toSpec().written()));
    return describe().with("init", written, null);
  }

  /** The name and the arguments of the written form, as the constructor took them. */
  protected abstract Spec describe();

  // ---------------------------------------------------------------- what it is made of

  /** Registers a parameter of this module. */
  protected final Parameter register(String name, Parameter parameter) {
    parameters.put(name, parameter);
    return parameter;
  }

  /** Registers a matrix of this module whose rows are kept in a table. */
  protected final SparseParameter register(String name, SparseParameter parameter) {
    sparse.put(name, parameter);
    return parameter;
  }

  /** Registers a running statistic of this module. */
  protected final RunningStatistic register(String name, RunningStatistic statistic) {
    statistics.put(name, statistic);
    return statistic;
  }

  /** Registers a child. */
  protected final <M extends Module> M register(String name, M child) {
    children.put(name, child);
    return child;
  }

  /** The children by name, in order. */
  public final Map<String, Module> namedChildren() {
    return Collections.unmodifiableMap(children);
  }

  /** Every parameter below this module by its dotted name, in the order of the model. */
  public final Map<String, Parameter> namedParameters() {
    Map<String, Parameter> all = new LinkedHashMap<>();
    forEachModule("", (prefix, m) -> m.parameters.forEach((n, p) -> all.put(prefix + n, p)));
    return all;
  }

  /** Every matrix below this module whose rows are kept in a table, by its dotted name. */
  public final Map<String, SparseParameter> namedSparseParameters() {
    Map<String, SparseParameter> all = new LinkedHashMap<>();
    forEachModule("", (prefix, m) -> m.sparse.forEach((n, p) -> all.put(prefix + n, p)));
    return all;
  }

  /** Number of elements that training moves, those of rows in tables too. */
  public final long parameterCount() {
    long dense = namedParameters().values().stream().mapToLong(p -> p.shape().elements()).sum();
    return dense
        + namedSparseParameters().values().stream()
            .mapToLong(p -> (long) p.shape().size(0) * p.shape().size(1))
            .sum();
  }

  /** Every running statistic below this module by its dotted name, in the order of the model. */
  public final Map<String, RunningStatistic> namedStatistics() {
    Map<String, RunningStatistic> all = new LinkedHashMap<>();
    forEachModule("", (prefix, m) -> m.statistics.forEach((n, s) -> all.put(prefix + n, s)));
    return all;
  }

  private void forEachModule(String prefix, BiConsumer<String, Module> action) {
    action.accept(prefix, this);
    children.forEach((name, child) -> child.forEachModule(prefix + name + ".", action));
  }

  /** Runs {@code action} on every module below this one, then on this one, as PyTorch's. */
  public final Module apply(Consumer<Module> action) {
    children.values().forEach(child -> child.apply(action));
    action.accept(this);
    return this;
  }

  // ---------------------------------------------------------------- mode

  /** Training mode, in which every module starts: dropout drops, statistics follow the batches. */
  public final Module train() {
    return train(true);
  }

  /** Evaluation mode: nothing is random, running statistics are used. */
  public final Module eval() {
    return train(false);
  }

  /** Training or evaluation mode, of this module and all below. */
  public final Module train(boolean isTraining) {
    forEachModule("", (prefix, module) -> module.isEvaluating = !isTraining);
    return this;
  }

  /** Whether this module is in training mode. */
  public final boolean isTraining() {
    return !isEvaluating;
  }

  /** Random operations of this module and all below draw as {@code context} says. */
  public final Module bind(StepContext context) {
    forEachModule("", (prefix, module) -> module.context = context);
    return this;
  }

  /**
   * Where random operations draw from.
   *
   * @throws IllegalStateException before {@link #initialize} or {@link #bind}
   */
  protected final StepContext context() {
    if (context == null) {
      throw new IllegalStateException(
          "%s draws random numbers in training: call initialize(seed) or bind(context), or eval()"
              .formatted(toSpec()));
    }
    return context;
  }

  /**
   * Moves a running statistic toward the batch's value, when training comes to it; once, where a
   * part of the network is computed again for its gradients.
   */
  protected final void observe(RunningStatistic statistic, Tensor batchValue) {
    if (Recomputation.isRunning()) {
      return;
    }
    if (context == null) {
      statistic.moveToward(batchValue);
    } else {
      context.observe(statistic, batchValue);
    }
  }

  // ---------------------------------------------------------------- elements

  /**
   * Says how parameters below this module start, from the next {@link #initialize} on. What is said
   * of a module goes before what is said of its parts, later before earlier.
   *
   * @param pattern of dotted names: {@code weight}, or {@code *.bias} for every bias below
   * @throws IllegalArgumentException if it fits no parameter
   */
  public final Module init(String pattern, Initializer start) {
    if (matching(pattern).isEmpty()) {
      throw new IllegalArgumentException(
          "init: no parameter of %s fits '%s'; it has %s"
              .formatted(describe().type(), pattern, ownStarts().keySet()));
    }
    starts.remove(pattern);
    starts.put(pattern, start);
    return this;
  }

  /** How every parameter below starts where nothing else is said, in the order of the model. */
  private Map<String, Initializer> ownStarts() {
    Map<String, Initializer> all = new LinkedHashMap<>();
    forEachModule(
        "",
        (prefix, m) -> {
          m.parameters.forEach((name, p) -> all.put(prefix + name, p.initializer()));
          m.sparse.forEach((name, p) -> all.put(prefix + name, p.initializer()));
        });
    return all;
  }

  private List<String> matching(String pattern) {
    return ownStarts().keySet().stream().filter(name -> NamePattern.fits(pattern, name)).toList();
  }

  private void collectStarts(String prefix, Map<String, Initializer> all) {
    children.forEach((name, child) -> child.collectStarts(prefix + name + ".", all));
    starts.forEach(
        (pattern, start) -> matching(pattern).forEach(name -> all.put(prefix + name, start)));
  }

  /** How every parameter below starts, those in tables too, in the order of the model. */
  private Map<String, Initializer> allStarts() {
    Map<String, Initializer> all = ownStarts();
    collectStarts("", all);
    return all;
  }

  /**
   * Fills every parameter as its initialiser says and starts statistics anew. Parameter number i
   * draws from a stream of its own, so that the same seed gives the same bits everywhere; random
   * operations draw from the same seed. A matrix whose rows are kept in a table counts, so that the
   * others start as they do beside a dense one.
   */
  public final Module initialize(long seed) {
    Map<String, Parameter> dense = namedParameters();
    int number = 0;
    for (Map.Entry<String, Initializer> entry : allStarts().entrySet()) {
      Philox random = Streams.initialization(seed, number++);
      if (dense.containsKey(entry.getKey())) {
        fill(entry.getKey(), dense.get(entry.getKey()).tensor(), entry.getValue(), random);
      }
    }
    namedStatistics().values().forEach(RunningStatistic::reset);
    return bind(new StepContext(seed));
  }

  /**
   * How the rows of the matrices start that are kept in tables, by name, in the order of the model:
   * with the bits that {@link #initialize} gives a dense one.
   *
   * @throws ShapeException naming the parameter where the initialiser needs the whole matrix
   */
  public final Map<String, RowStart> rowStarts(long seed) {
    List<String> order = List.copyOf(ownStarts().keySet());
    Map<String, Initializer> all = allStarts();
    Map<String, RowStart> rows = new LinkedHashMap<>();
    namedSparseParameters()
        .forEach(
            (name, parameter) -> {
              int width = parameter.shape().size(1);
              try {
                rows.put(
                    name,
                    new RowStart(
                        width, seed, order.indexOf(name), all.get(name).of(parameter.shape())));
              } catch (ShapeException e) {
                throw new ShapeException("parameter %s: %s".formatted(name, e.getMessage()));
              }
            });
    return rows;
  }

  private static void fill(String name, Tensor tensor, Initializer start, Philox random) {
    try {
      start.fill(tensor.array(), tensor.offset(), tensor.shape(), random);
    } catch (ShapeException e) {
      throw new ShapeException("parameter %s: %s".formatted(name, e.getMessage()));
    }
  }

  /** The elements of parameters and running statistics by name, shared, not copied. */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    forEachModule(
        "",
        (prefix, module) -> {
          module.parameters.forEach((n, p) -> state.put(prefix + n, p.tensor().detach()));
          module.statistics.forEach((n, s) -> state.put(prefix + n, s.tensor().detach()));
        });
    return state;
  }

  /**
   * Copies elements into the parameters and running statistics.
   *
   * @throws IllegalArgumentException naming what is missing, unknown, or of another shape
   */
  public final void loadStateDict(Map<String, Tensor> state) {
    Map<String, Tensor> own = stateDict();
    for (String name : state.keySet()) {
      if (!own.containsKey(name)) {
        throw new IllegalArgumentException(
            "loadStateDict: nothing is named '%s'; the model has %s".formatted(name, own.keySet()));
      }
    }
    own.forEach((name, tensor) -> load(name, tensor, state.get(name)));
  }

  private static void load(String name, Tensor own, Tensor elements) {
    if (elements == null || !elements.shape().equals(own.shape())) {
      throw new IllegalArgumentException(
          "loadStateDict: '%s' is %s; the model needs %s"
              .formatted(name, elements == null ? "missing" : elements.shape(), own.shape()));
    }
    float[] values = elements.toArray();
    System.arraycopy(values, 0, own.array(), own.offset(), values.length);
  }
}
