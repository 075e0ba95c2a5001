package dev.kindling.bench;

/**
 * One measured stretch.
 *
 * @param seconds of one repetition, all threads at once
 * @param bytes allocated by one repetition on one thread
 */
record Lap(double seconds, double bytes) {}
