package dev.kindling.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the optimised machine code of a loop over vectors is there. Until then every vector is an
 * object: a hundred times slower than a plain loop, and gigabytes a second of garbage. Left to
 * itself the JVM compiles what runs long but is called rarely late, or first from the middle of the
 * loop, which on Java 17 keeps the objects. So plain loops do the work until there was enough of
 * it; then whoever comes first calls the loop on small arrays, often enough to have it compiled,
 * until it allocates nothing.
 *
 * <p>Thread-safe: one thread warms up, the others go on with plain loops.
 */
final class WarmUp {
  /** How much work earns the time of a compilation, about a tenth of a second. */
  private static final long WORTHWHILE = 1L << 25;

  private static final long PATIENCE_NANOS = 2_000_000_000L;
  private static final int CALLS = 20;

  /** After patience has ended, a further attempt takes so small a part of it. */
  private static final int FURTHER = 8;

  /**
   * Between attempts it rests for as long as the last one took, then twice as long each time, at
   * most so many times: on a busy machine the compiler comes late, and plain loops are slow.
   */
  private static final int MOST_REST = 20;

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  private final String name;
  private final Supplier<Runnable> sample;
  private final long patienceNanos;
  private final ReentrantLock lock = new ReentrantLock();

  /** Work until the first attempt; threads that overwrite each other's value delay it a little. */
  private long missing;

  private boolean wasTried;
  private int rest = 1;
  private long nextTry;
  private volatile boolean isOver;

  private WarmUp(String name, Supplier<Runnable> sample, long missing, long patienceNanos) {
    this.name = name;
    this.sample = sample;
    this.missing = missing;
    this.patienceNanos = patienceNanos;
    this.isOver = missing == 0;
  }

  /** When work enough was done. */
  static WarmUp earned(String name, Supplier<Runnable> sample) {
    return new WarmUp(name, sample, WORTHWHILE, PATIENCE_NANOS);
  }

  /** After so much work, for so long. */
  static WarmUp after(long work, long patienceNanos, Supplier<Runnable> sample) {
    return new WarmUp("test", sample, work, patienceNanos);
  }

  /** Over from the start: vectors at once, compiled or not. */
  static WarmUp none(String name, Supplier<Runnable> sample) {
    return new WarmUp(name, sample, 0, 0);
  }

  /** How a set of kernels makes its warm-ups. */
  interface Policy {
    WarmUp of(String name, Supplier<Runnable> sample);
  }

  /**
   * Whether to use the vectors from now on.
   *
   * @param work multiply-adds or the like that are about to be done
   */
  boolean isOver(int work) {
    return isOver || attempt(work);
  }

  private boolean attempt(int work) {
    missing -= work;
    if (missing > 0 || !lock.tryLock()) {
      return false;
    }
    try {
      if (!isOver && (!wasTried || System.nanoTime() - nextTry >= 0)) {
        isOver = isCompiledInTime(wasTried ? patienceNanos / FURTHER : patienceNanos);
      }
      return isOver;
    } finally {
      lock.unlock();
    }
  }

  /** Has the vectors compiled now, earned or not; whether that was done in time. */
  boolean finish(long patienceNanos) {
    lock.lock();
    try {
      isOver = isOver || isCompiledInTime(patienceNanos);
      return isOver;
    } finally {
      lock.unlock();
    }
  }

  private boolean isCompiledInTime(long patience) {
    long start = System.nanoTime();
    Runnable call = sample.get();
    do {
      if (allocated(call) == 0) {
        LOG.debug("Kernels: {} compiled", name);
        return true;
      }
    } while (System.nanoTime() - start < patience);
    if (!wasTried) {
      LOG.info("Kernels: {} not compiled yet; plain loops meanwhile", name);
    }
    wasTried = true;
    long end = System.nanoTime();
    nextTry = end + rest * (end - start);
    rest = Math.min(MOST_REST, 2 * rest);
    return false;
  }

  /** What is compiled, for messages. */
  String name() {
    return name;
  }

  private static long allocated(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
