package dev.kindling.ps.sync;

/**
 * Every step takes the gradient of every replica, added along the replica tree. The same replica
 * may be computed by several workers: what arrives first counts, and the bits are the same.
 */
public record Synchronous() implements Policy {}
