package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Finds the operation that made NaN or infinity: on inside {@link #detect}, on this thread, for
 * operations as they are applied and for plans as they are replayed. NaN is always an anomaly;
 * infinity only where no input is infinite, since masks use it on purpose.
 */
public final class Anomaly {
  private static final ThreadLocal<Boolean> DETECTING = ThreadLocal.withInitial(() -> false);

  private Anomaly() {}

  /** Whether results are being checked on this thread. */
  public static boolean isDetecting() {
    return DETECTING.get();
  }

  /**
   * Runs {@code body} and checks the result of every operation.
   *
   * @throws AnomalyException at the first one that has NaN or a new infinity
   */
  public static <T> T detect(Supplier<T> body) {
    return set(true, body);
  }

  private static <T> T set(boolean isDetecting, Supplier<T> body) {
    boolean before = DETECTING.get();
    DETECTING.set(isDetecting);
    try {
      return body.get();
    } finally {
      DETECTING.set(before);
    }
  }

  /** Checks what an operation has just computed. */
  static void check(Op op) {
    Findings output = Findings.of(op.output());
    if (output.first < 0) {
      return;
    }
    List<Findings> inputs = op.inputs().stream().map(Findings::of).toList();
    boolean isInfinityInherited = inputs.stream().anyMatch(input -> input.infinite > 0);
    if (output.nan > 0 || (output.infinite > 0 && !isInfinityInherited)) {
      throw new AnomalyException(describe(op, output, inputs));
    }
  }

  private static String describe(Op op, Findings output, List<Findings> inputs) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      texts.add("input %d %s".formatted(i, inputs.get(i)));
    }
    return "%s made NaN or infinity: output %s; %s"
        .formatted(op.name(), output, String.join("; ", texts));
  }

  /** What the elements of a tensor are like. */
  private record Findings(String shape, int nan, int infinite, int first, float low, float high) {

    static Findings of(Tensor tensor) {
      float[] elements = set(false, tensor::toArray); // may copy, which is an operation too
      int nan = 0;
      int infinite = 0;
      int first = -1;
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < elements.length; i++) {
        float element = elements[i];
        if (Float.isFinite(element)) {
          low = Math.min(low, element);
          high = Math.max(high, element);
        } else {
          first = first < 0 ? i : first;
          nan += Float.isNaN(element) ? 1 : 0;
          infinite += Float.isNaN(element) ? 0 : 1;
        }
      }
      return new Findings(tensor.shape().toString(), nan, infinite, first, low, high);
    }

    /** {@code [2,3]: 1 NaN, 0 infinite, the first at element 4; others from -1.0 to 2.0}. */
    @Override
    public String toString() {
      String finite = low <= high ? "from %s to %s".formatted(low, high) : "none finite";
      return first < 0
          ? "%s: %s".formatted(shape, finite)
          : "%s: %d NaN, %d infinite, the first at element %d; others %s"
              .formatted(shape, nan, infinite, first, finite);
    }
  }
}
