package dev.kindling.ps.sync;

/**
 * Asynchronous steps (Dean et al., 2012): whatever a worker pushes is applied at once, divided by
 * its own weight, to the newest values, and nobody waits for anybody before the end of the run. A
 * gradient is applied exactly once, named by replica, step and bucket, but the result depends on
 * the order of arrival.
 *
 * <p>The run's version is the number of steps that every replica has brought. Only the last version
 * is waited for; asking for an earlier one gives the newest values there are.
 */
public record Asynchronous() implements Policy {}
