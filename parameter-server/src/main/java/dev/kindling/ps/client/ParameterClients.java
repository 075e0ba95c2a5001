package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.transport.JvmServers;
import dev.kindling.ps.transport.SocketOptions;
import java.util.Optional;

/** Chooses how a worker reaches the shards. */
public final class ParameterClients {
  private ParameterClients() {}

  /** A worker's client: in-process if the shards are in this JVM and nothing else is asked for. */
  public static ParameterClient open(ServerLocation location, Worker worker) {
    return open(location, worker, JvmWorkers.alone(worker));
  }

  /**
   * The same for one of several workers of a JVM. Behind sockets they share their connections, if
   * each step takes the gradients of all of them.
   *
   * @param workers all of this JVM that train together; each of them calls this
   */
  public static ParameterClient open(ServerLocation location, Worker worker, JvmWorkers workers) {
    Optional<ShardGroup> here = JvmServers.find(location.jvm());
    if (location.transport() != Transport.SOCKET && here.isPresent()) {
      return new InProcessClient(here.get(), worker);
    }
    if (location.transport() != Transport.IN_PROCESS && !location.addresses().isEmpty()) {
      boolean isInStep = location.staleness() == 0 && !location.asynchronous();
      return isInStep && workers.replicas().size() > 1
          ? new SocketClient(location, worker, workers)
          : new SocketClient(location, worker, SocketOptions.defaults());
    }
    throw new ParameterServerException(
        Reason.UNREACHABLE,
        "%s: the parameter server of %s is not in this JVM, does not listen on a port, or servers.transport (%s) does not allow that"
            .formatted(worker, location, location.transport()));
  }
}
