package dev.kindling.ps.sync;

/** When a version follows the one before, and from which gradients. */
public sealed interface Policy
    permits Synchronous, BoundedStaleness, Asynchronous, FederatedRounds {

  /** How many workers more than one compute each replica. */
  default int backups() {
    return 0;
  }
}
