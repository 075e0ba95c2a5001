package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A captured computation: the operations that some outputs depend on, in order, to be run again on
 * other elements in the same buffers, without an allocation.
 *
 * <p>Outputs, leaves and placeholders keep their buffers; all other results share theirs, one after
 * the other, and mean nothing outside a run. So a computation is captured once, and differentiated
 * before.
 *
 * <p>Neighbouring operations are fused where one knows how to do the other's work on the way
 * ({@link Op#fuse}). Not thread-safe.
 */
public final class Plan {
  private final Op[] ops;
  private final long sharedElements;
  private final Map<Tensor, Integer> readyAfter = new IdentityHashMap<>();

  private Plan(List<Op> ops, long sharedElements) {
    this.ops = ops.toArray(Op[]::new);
    this.sharedElements = sharedElements;
    for (int i = 0; i < this.ops.length; i++) {
      readyAfter.put(this.ops[i].output(), i + 1);
    }
  }

  /**
   * Captures what the outputs depend on.
   *
   * @throws IllegalStateException where another plan has captured a part of it
   */
  public static Plan of(List<Tensor> outputs) {
    List<Op> ops = OpOrder.of(outputs).stream().filter(Op::computes).toList();
    for (Op op : ops) {
      if (op.output().storage().isShared()) {
        throw new IllegalStateException(
            "Plan: the result of %s %s belongs to another plan; compute it anew for this one"
                .formatted(op.name(), op.output().shape()));
      }
    }
    List<Op> fused = fused(ops, outputs);
    release(ops, fused);
    return new Plan(fused, SharedBuffers.assign(fused, outputs));
  }

  /** Gives back the buffers of results that fusing made superfluous. */
  private static void release(List<Op> before, List<Op> after) {
    Set<Tensor> computed = Collections.newSetFromMap(new IdentityHashMap<>());
    after.forEach(op -> computed.add(op.output()));
    for (Op op : before) {
      if (!computed.contains(op.output())) {
        op.output().storage().share(new float[0]);
      }
    }
  }

  private static List<Op> fused(List<Op> ops, List<Tensor> outputs) {
    Map<Tensor, Op> onlyReader = onlyReaders(OpOrder.of(outputs), outputs);
    Map<Op, Op> replacement = new IdentityHashMap<>();
    Set<Op> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Op op : ops) {
      Op current = replacement.getOrDefault(op, op);
      Op consumer = behindViews(op.output(), onlyReader);
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

  /**
   * The only operation that reads a tensor's elements: itself, or a view of a view that shows them
   * as they stand. Null where there are others.
   */
  private static Op behindViews(Tensor tensor, Map<Tensor, Op> onlyReader) {
    Tensor read = tensor;
    Op reader = onlyReader.get(read);
    while (reader != null && !reader.computes()) {
      read = reader.output();
      reader = onlyReader.get(read);
    }
    boolean isWhole =
        read.shape().equals(tensor.shape())
            && read.isContiguous()
            && read.offsetInStorage() == tensor.offsetInStorage();
    return isWhole ? reader : null;
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

  /**
   * Bytes of the buffers that inner results share; outputs, leaves and placeholders not counted.
   */
  public long sharedBytes() {
    return Float.BYTES * sharedElements;
  }

  /** Fills the buffers that the operations write with NaN: nothing may depend on what was there. */
  void poison() {
    for (Op op : ops) {
      int from = op.output().offset();
      Arrays.fill(op.output().array(), from, from + op.output().shape().elements(), Float.NaN);
    }
  }

  /** Number of operations. */
  public int size() {
    return ops.length;
  }

  /** Multiply-adds of one run of everything. */
  public long multiplyAdds() {
    return Arrays.stream(ops).mapToLong(Op::multiplyAdds).sum();
  }

  /** Multiply-adds of computing a tensor, without capturing it. */
  public static long multiplyAdds(Tensor output) {
    return OpOrder.of(List.of(output)).stream().mapToLong(Op::multiplyAdds).sum();
  }

  /** How many operations must have run before a tensor's elements are final; 0 for a constant. */
  public int readyAfter(Tensor tensor) {
    Tensor source = tensor;
    while (source.creator() != null && !source.creator().computes()) {
      source = source.creator().input(0);
    }
    return readyAfter.getOrDefault(source, 0);
  }

  /**
   * The first operation that reads a tensor's elements, directly or through a view; {@link #size()}
   * where none does.
   */
  public int firstReader(Tensor tensor) {
    int first = 0;
    while (first < ops.length && !isRead(tensor, ops[first])) {
      first++;
    }
    return first;
  }

  private static boolean isRead(Tensor tensor, Op op) {
    return Stream.concat(op.inputs().stream(), op.reads().stream().map(Op::output))
        .anyMatch(read -> read.storage() == tensor.storage());
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
    return Arrays.stream(ops).map(Op::name).toList();
  }
}
