package dev.kindling.ps;

import dev.kindling.ps.ServerLocation.Address;
import java.util.Optional;

/**
 * How far a server of a run's parameters is.
 *
 * @param address where it listens; empty where it is reached in its own process alone
 * @param buckets that it holds
 * @param elements of the flat vector in them
 * @param version that all of them have
 */
public record ShardProgress(Optional<Address> address, int buckets, long elements, long version) {}
