package dev.kindling.autograd;

import dev.kindling.tensor.Storage;
import dev.kindling.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets the results of a plan use the same memory one after the other: a buffer is free once the
 * last operation that reads it, or a view of it, has run. An operation that computes element by
 * element may write over an input that nobody reads after it.
 */
final class SharedBuffers {
  /** One array to be; it grows to the largest result that it serves. */
  private static final class Slot {
    private final List<Storage> served = new ArrayList<>();
    private int length;
  }

  private final List<Op> ops;
  private final Set<Storage> kept;
  private final Map<Storage, Integer> lastRead = new IdentityHashMap<>();
  private final Map<Storage, Slot> held = new IdentityHashMap<>();
  private final Deque<Slot> free = new ArrayDeque<>();
  private final List<Slot> slots = new ArrayList<>();

  private SharedBuffers(List<Op> ops, List<Tensor> outputs) {
    this.ops = ops;
    this.kept = Collections.newSetFromMap(new IdentityHashMap<>());
    outputs.forEach(output -> kept.add(output.storage()));
  }

  /**
   * Points the results of {@code ops}, but not the outputs, at shared arrays.
   *
   * @return number of elements of the shared arrays
   */
  static long assign(List<Op> ops, List<Tensor> outputs) {
    SharedBuffers buffers = new SharedBuffers(ops, outputs);
    buffers.findLastReads();
    for (int i = 0; i < ops.size(); i++) {
      buffers.place(i);
    }
    buffers.slots.forEach(SharedBuffers::allocate);
    return buffers.slots.stream().mapToLong(slot -> slot.length).sum();
  }

  private void findLastReads() {
    for (int i = 0; i < ops.size(); i++) {
      int at = i;
      lastRead.put(ops.get(i).output().storage(), at);
      ops.get(i).inputs().forEach(input -> lastRead.replace(input.storage(), at));
      ops.get(i).reads().forEach(read -> lastRead.replace(read.output().storage(), at));
    }
  }

  private void place(int i) {
    Op op = ops.get(i);
    Storage result = op.output().storage();
    if (!kept.contains(result)) {
      Slot slot = overwritten(op, i);
      slot = slot == null ? take(op.output().shape().elements()) : slot;
      slot.served.add(result);
      held.put(result, slot);
    }
    op.inputs().forEach(input -> freeAfter(i, input.storage()));
    op.reads().forEach(read -> freeAfter(i, read.output().storage()));
    freeAfter(i, result);
  }

  private void freeAfter(int i, Storage storage) {
    Integer last = lastRead.get(storage);
    if (last != null && last == i && held.containsKey(storage)) {
      free.push(held.remove(storage));
    }
  }

  /** The slot of an input that the operation may write over, or null. */
  private Slot overwritten(Op op, int i) {
    for (int k = 0; k < op.inputs().size(); k++) {
      Tensor input = op.input(k);
      Storage storage = input.storage();
      if (held.containsKey(storage)
          && lastRead.get(storage) == i
          && op.canOverwrite(k)
          && standsAsTheResult(op, k)) {
        return held.remove(storage);
      }
    }
    return null;
  }

  /** Whether every input on the same storage has its elements where the result will have them. */
  private static boolean standsAsTheResult(Op op, int k) {
    Storage storage = op.input(k).storage();
    return op.inputs().stream()
        .filter(input -> input.storage() == storage)
        .allMatch(
            input ->
                input.shape().equals(op.output().shape())
                    && input.isContiguous()
                    && input.offsetInStorage() == 0);
  }

  /** The smallest free slot that is long enough, else the longest, else a new one. */
  private Slot take(int length) {
    Slot best = null;
    for (Slot slot : free) {
      if (best == null || isBetter(slot.length, best.length, length)) {
        best = slot;
      }
    }
    if (best == null) {
      best = new Slot();
      slots.add(best);
    } else {
      free.remove(best);
    }
    best.length = Math.max(best.length, length);
    return best;
  }

  private static boolean isBetter(int candidate, int best, int length) {
    if (best >= length) {
      return candidate >= length && candidate < best;
    }
    return candidate > best;
  }

  private static void allocate(Slot slot) {
    float[] array = new float[slot.length];
    slot.served.forEach(storage -> storage.share(array));
  }
}
