package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Watches every buffer of every test, and fails the test class that lost one. Found by JUnit in
 * this module's tests, and in those of others that have these on their class path.
 */
public final class LeakDetection implements BeforeAllCallback, AfterAllCallback {
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger PLANTED = new AtomicInteger();
  private static final AtomicBoolean USED = new AtomicBoolean();
  private static final long MOST_NANOS = 60_000_000_000L;

  /** Before any test's class is loaded: Netty's own ask for their detector when they are. */
  public LeakDetection() {
    if (!(ResourceLeakDetectorFactory.instance() instanceof Factory)) {
      ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (USED.get()) {
      assertThat(lost()).as("buffers that were never released").isEmpty();
      USED.set(false);
    }
  }

  /**
   * The buffers that were lost since the last call. A lost buffer is noticed when another is
   * allocated after a collection, some time: so two are lost here on purpose, one after the other,
   * and awaited. Whatever was lost before the first is known when the second is.
   */
  public static synchronized List<String> lost() {
    awaitPlanted();
    awaitPlanted();
    List<String> all = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      all.add(leak);
    }
    return all;
  }

  private static void awaitPlanted() {
    String mark = "lost on purpose, number " + PLANTED.incrementAndGet(); // it is told once only
    lose(mark);
    long began = System.nanoTime();
    while (!LEAKS.removeIf(leak -> leak.contains(mark))) {
      if (System.nanoTime() - began > MOST_NANOS) {
        throw new AssertionError("a buffer that was lost on purpose is not reported: " + LEAKS);
      }
      System.gc();
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
  }

  /** Loses a buffer that is reported with this mark. */
  public static void lose(String mark) {
    PooledByteBufAllocator.DEFAULT.directBuffer(16).touch(mark);
  }

  private static final class Factory extends ResourceLeakDetectorFactory {
    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new Detector<>(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new Detector<>(resource, samplingInterval);
    }
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {
    Detector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    public ResourceLeakTracker<T> track(T object) {
      USED.set(true);
      return super.track(object);
    }

    /** What Spark loses by itself is Spark's. */
    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      if (records.contains("dev.kindling.") || !records.contains("org.apache.spark.")) {
        LEAKS.add(resourceType + records);
      }
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      LEAKS.add(resourceType);
    }
  }
}
