package dev.kindling.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Calls every loop over vectors once before any of them is compiled. The Vector API looks up what
 * an operation does at its first use; code that is compiled before and meets such a first use later
 * falls back to the interpreter, and the JVM counts that against every method the lookup is inlined
 * into. A loop of two dozen operations then has more of these than {@code -XX:PerMethodTrapLimit}
 * (100) allows, and is compiled with its vectors as objects, for good.
 *
 * <p>Thread-safe.
 */
final class FirstCalls {
  private final List<Supplier<Runnable>> samples = new ArrayList<>();
  private final AtomicBoolean wereMade = new AtomicBoolean();

  /** The same sample, given out after the first calls of all. */
  Supplier<Runnable> before(Supplier<Runnable> sample) {
    samples.add(sample);
    return () -> {
      if (wereMade.compareAndSet(false, true)) {
        samples.forEach(one -> one.get().run());
      }
      return sample.get();
    };
  }
}
