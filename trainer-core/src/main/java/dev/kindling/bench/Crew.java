package dev.kindling.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that start a stretch of work together. Used by one thread. */
final class Crew implements AutoCloseable {
  private record Stint(long start, long end, long bytes) {}

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final ExecutorService executor;
  private final CyclicBarrier start;

  Crew(int size) {
    executor = Executors.newFixedThreadPool(size);
    start = new CyclicBarrier(size);
  }

  /** Every thread repeats its work; the clock runs from the first start to the last end. */
  Lap run(List<Work> works, int times) {
    List<Callable<Stint>> stints = new ArrayList<>();
    works.forEach(work -> stints.add(() -> stint(work, times)));
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    long bytes = 0;
    for (Stint stint : results(stints)) {
      first = Math.min(first, stint.start);
      last = Math.max(last, stint.end);
      bytes += stint.bytes;
    }
    return new Lap(1e-9 * (last - first) / times, (double) bytes / times / works.size());
  }

  private Stint stint(Work work, int times) throws InterruptedException, BrokenBarrierException {
    start.await();
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long from = System.nanoTime();
    work.run(times);
    long to = System.nanoTime();
    long bytes = threads.getCurrentThreadAllocatedBytes() - allocated; // before the record below
    return new Stint(from, to, bytes);
  }

  private List<Stint> results(List<Callable<Stint>> stints) {
    try {
      List<Stint> results = new ArrayList<>();
      for (Future<Stint> future : executor.invokeAll(stints)) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("bench: interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("bench: " + e.getCause().getMessage(), e.getCause());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
