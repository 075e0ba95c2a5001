package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A captured computation: the operations that some outputs depend on, in order, to be run again on
 * other elements in the same buffers, without an allocation.
 *
 * <p>Neighbouring operations are fused where one knows how to do the other's work on the way
 * ({@link Op#fuse}). Not thread-safe.
 */
public final class Plan {
  private final Op[] ops;
  private final Map<Tensor, Integer> readyAfter = new IdentityHashMap<>();

  private Plan(List<Op> ops) {
    this.ops = ops.toArray(Op[]::new);
    for (int i = 0; i < this.ops.length; i++) {
      readyAfter.put(this.ops[i].output(), i + 1);
    }
  }

  /** Captures what the outputs depend on. Outputs keep their own buffers. */
  public static Plan of(List<Tensor> outputs) {
    List<Op> ops = OpOrder.of(outputs).stream().filter(Op::computes).toList();
    return new Plan(fused(ops, outputs));
  }

  private static List<Op> fused(List<Op> ops, List<Tensor> outputs) {
    Map<Tensor, Op> onlyReader = onlyReaders(OpOrder.of(outputs), outputs);
    Map<Op, Op> replacement = new IdentityHashMap<>();
    Set<Op> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Op op : ops) {
      Op current = replacement.getOrDefault(op, op);
      Op consumer = onlyReader.get(op.output());
      Op both = consumer == null ? null : current.fuse(consumer);
      if (both != null) {
        absorbed.add(op);
        replacement.put(consumer, both);
      }
    }
    List<Op> result = new ArrayList<>();
    for (Op op : ops) {
      if (!absorbed.contains(op)) {
        result.add(replacement.getOrDefault(op, op));
      }
    }
    return result;
  }

  /** Tensors that exactly one operation reads and that are no output themselves. */
  private static Map<Tensor, Op> onlyReaders(List<Op> ops, List<Tensor> outputs) {
    Map<Tensor, Op> readers = new IdentityHashMap<>();
    Set<Tensor> shared = Collections.newSetFromMap(new IdentityHashMap<>());
    shared.addAll(outputs);
    for (Op op : ops) {
      op.reads().forEach(read -> shared.add(read.output()));
      for (Tensor input : op.inputs()) {
        if (readers.putIfAbsent(input, op) != null) {
          shared.add(input);
        }
      }
    }
    shared.forEach(readers::remove);
    return readers;
  }

  /** Number of operations. */
  public int size() {
    return ops.length;
  }

  /** How many operations must have run before a tensor's elements are final; 0 for a constant. */
  public int readyAfter(Tensor tensor) {
    Tensor source = tensor;
    while (source.creator() != null && !source.creator().computes()) {
      source = source.creator().input(0);
    }
    return readyAfter.getOrDefault(source, 0);
  }

  /** Runs everything. */
  public void run() {
    run(0, ops.length);
  }

  /**
   * Runs operations {@code from} to {@code to} (excluded).
   *
   * @throws AnomalyException inside {@link Anomaly#detect}, where one makes NaN or infinity
   */
  public void run(int from, int to) {
    boolean isDetecting = Anomaly.isDetecting();
    for (int i = from; i < to; i++) {
      ops[i].run();
      if (isDetecting) {
        Anomaly.check(ops[i]);
      }
    }
  }

  /** The operations' names in order, for messages and tests. */
  public List<String> names() {
    return java.util.Arrays.stream(ops).map(Op::name).toList();
  }
}
