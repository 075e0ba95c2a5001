package dev.kindling.autograd;

import java.util.function.Supplier;

/**
 * Whether operations are remembered for gradients on this thread: on, except inside {@link #off}.
 */
public final class Recording {
  private static final ThreadLocal<Boolean> OFF = ThreadLocal.withInitial(() -> false);

  private Recording() {}

  /** Whether operations on recorded tensors are remembered. */
  public static boolean isOn() {
    return !OFF.get();
  }

  /** Runs {@code body} without remembering operations, as PyTorch's {@code no_grad}. */
  public static <T> T off(Supplier<T> body) {
    return set(true, body);
  }

  /** Runs {@code body} remembering operations, also inside {@link #off}. */
  public static <T> T on(Supplier<T> body) {
    return set(false, body);
  }

  private static <T> T set(boolean isOff, Supplier<T> body) {
    boolean before = OFF.get();
    OFF.set(isOff);
    try {
      return body.get();
    } finally {
      OFF.set(before);
    }
  }
}
