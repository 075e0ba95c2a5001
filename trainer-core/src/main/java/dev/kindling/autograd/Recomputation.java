package dev.kindling.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * A part of a network that runs again to have its inner results anew, see {@link Checkpoint}. The
 * numbers that its random operations took in the first run are those of every later one, and what
 * follows the batches is moved by the first run alone.
 *
 * <p>Runs belong to a thread, and may stand inside of others.
 */
public final class Recomputation {
  private static final ThreadLocal<Recomputation> CURRENT = new ThreadLocal<>();

  private final List<Integer> numbers = new ArrayList<>();
  private Recomputation around;
  private boolean isAgain;
  private int next;

  Recomputation() {}

  /** The number of a random operation: {@code fresh}, or what it was when it ran first. */
  public static int number(IntSupplier fresh) {
    Recomputation current = CURRENT.get();
    return current == null ? fresh.getAsInt() : current.take(fresh);
  }

  /** Whether what is computed on this thread has been computed before. */
  public static boolean isRunning() {
    for (Recomputation run = CURRENT.get(); run != null; run = run.around) {
      if (run.isAgain) {
        return true;
      }
    }
    return false;
  }

  private int take(IntSupplier fresh) {
    if (isAgain) {
      return known();
    }
    int number = around == null ? fresh.getAsInt() : around.take(fresh);
    numbers.add(number);
    return number;
  }

  private int known() {
    if (next == numbers.size()) {
      throw new IllegalStateException(
          "Checkpoint: the segment has more than the %d random operations of its first run; it must"
                  .formatted(next)
              + " give the same operations whenever it is called");
    }
    return numbers.get(next++);
  }

  /** The first run. */
  <T> T first(Supplier<T> body) {
    return run(false, body);
  }

  /** A later run. */
  <T> T again(Supplier<T> body) {
    return run(true, body);
  }

  private <T> T run(boolean isAgain, Supplier<T> body) {
    this.isAgain = isAgain;
    next = 0;
    around = CURRENT.get();
    CURRENT.set(this);
    try {
      return body.get();
    } finally {
      if (around == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(around);
      }
    }
  }
}
