package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The operations that tensors depend on, each after those it reads. */
final class OpOrder {
  private final List<Op> ordered = new ArrayList<>();
  private final Set<Op> entered = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Op> left = Collections.newSetFromMap(new IdentityHashMap<>());

  private OpOrder() {}

  static List<Op> of(List<Tensor> outputs) {
    return of(outputs, List.of());
  }

  /** Without what lies behind the {@code boundary}. */
  static List<Op> of(List<Tensor> outputs, Collection<Tensor> boundary) {
    OpOrder order = new OpOrder();
    boundary.stream().map(Tensor::creator).forEach(order.entered::add);
    outputs.forEach(output -> order.visit(output.creator()));
    return order.ordered;
  }

  /** Depth first with a stack of its own: a long recurrent network would overflow the thread's. */
  private void visit(Op last) {
    Deque<Op> stack = new ArrayDeque<>();
    pushUnlessEntered(stack, last);
    while (!stack.isEmpty()) {
      Op op = stack.peek();
      if (entered.add(op)) {
        op.reads().forEach(read -> pushUnlessEntered(stack, read));
        op.inputs().forEach(input -> pushUnlessEntered(stack, input.creator()));
      } else {
        stack.pop();
        if (left.add(op)) {
          ordered.add(op);
        }
      }
    }
  }

  private void pushUnlessEntered(Deque<Op> stack, Op op) {
    if (op != null && !entered.contains(op)) {
      stack.push(op);
    }
  }
}
