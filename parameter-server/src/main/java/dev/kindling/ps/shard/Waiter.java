package dev.kindling.ps.shard;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One worker thread that waits for a condition in a loop: it spins, then announces that it will
 * park, looks at the condition once more, and parks. Whoever changes the condition calls {@link
 * #wake()} afterwards, so no change is missed.
 */
public final class Waiter {
  private static final long SPIN_NANOS = 50_000;
  private static final int SPINS_BETWEEN_CLOCKS = 16;

  private final AtomicInteger spinning;
  private volatile Thread parked;
  private boolean spins;
  private long spinsUntil;

  /**
   * A place to wait for one thread.
   *
   * @param spinning counts the threads that spin now
   */
  public Waiter(AtomicInteger spinning) {
    this.spinning = spinning;
  }

  /** Waits a little; the caller then looks at its condition again. */
  public void pause() {
    if (parked != null) {
      LockSupport.park(this);
    } else if (!spins) {
      spins = true;
      spinsUntil = System.nanoTime() + SPIN_NANOS;
      spinning.incrementAndGet();
    } else if (System.nanoTime() < spinsUntil) {
      spin();
    } else {
      stopSpinning();
      parked = Thread.currentThread();
    }
  }

  private static void spin() {
    for (int i = 0; i < SPINS_BETWEEN_CLOCKS; i++) {
      Thread.onSpinWait();
    }
  }

  private void stopSpinning() {
    if (spins) {
      spins = false;
      spinning.decrementAndGet();
    }
  }

  /** The wait is over, one way or the other. */
  public void end() {
    stopSpinning();
    parked = null;
  }

  /** The condition may have changed. */
  public void wake() {
    Thread thread = parked;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
