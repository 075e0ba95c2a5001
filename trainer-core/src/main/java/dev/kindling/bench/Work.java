package dev.kindling.bench;

/**
 * What one thread repeats. Not thread-safe: every thread gets its own.
 *
 * <p>{@link #run} has the loop inside, so that what is measured is compiled as one.
 */
interface Work {
  void run(int times);
}
