package dev.kindling.ps;

/**
 * How far a worker is.
 *
 * @param worker whose it is
 * @param step the step it computes or awaits
 * @param computeNanos time between receiving values and asking for the next, since it joined
 * @param exchangeNanos time waiting for values, since it joined
 * @param lastHeardNanos {@link System#nanoTime()} of the server when it was last heard of
 */
public record WorkerProgress(
    Worker worker, long step, long computeNanos, long exchangeNanos, long lastHeardNanos) {}
