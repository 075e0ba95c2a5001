package dev.kindling.spark.job;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.ServerTls;
import java.util.List;
import java.util.Optional;

/**
 * Where the parameters are and how workers reach them. Immutable.
 *
 * @param policy when a version follows the one before; {@link Synchronous} with backups asks for so
 *     many more workers
 * @param nonFinite what happens to a step with NaN or infinity
 * @param placement where the parameters are
 * @param executors in how many executors at most, where placement says so; 0 for all that are there
 *     when the run starts
 * @param transport how workers reach a server in the driver
 * @param port where the driver listens for workers of other JVMs; 0 for any free one
 * @param external the standalone servers, where placement says so; each holds a share of the
 *     buckets
 * @param standbys for each external server the one that takes its place when it is lost; empty for
 *     none
 * @param secret that both ends hold; where it is not set, the driver draws one for each run
 * @param tls of a server in the driver; empty for connections without TLS
 * @param trusted what workers, and the driver of an external server, check a certificate against
 */
public record ServerOptions(
    Policy policy,
    NonFinite nonFinite,
    Placement placement,
    int executors,
    Transport transport,
    int port,
    List<Address> external,
    List<Address> standbys,
    Optional<Secret> secret,
    Optional<ServerTls> tls,
    Optional<ClientTls> trusted) {
  /** Copies the lists; refuses half of TLS, which would leave connections plain. */
  public ServerOptions {
    if (executors < 0) {
      throw new IllegalArgumentException(
          "servers: %d executors; give how many may hold parameters, or 0 for all"
              .formatted(executors));
    }
    external = List.copyOf(external);
    standbys = List.copyOf(standbys);
    if (tls.isPresent() && trusted.isEmpty()) {
      throw new IllegalArgumentException(
          "servers: a certificate, but nothing that workers check it against; give both to"
              + " with(ServerTls, ClientTls)");
    }
    if (placement == Placement.DRIVER && trusted.isPresent() && tls.isEmpty()) {
      throw new IllegalArgumentException(
          "servers: workers have something to check a certificate against, but the server in the"
              + " driver has none; give both to with(ServerTls, ClientTls)");
    }
  }

  /** Where the shards of a run are. */
  public enum Placement {
    /** In the driver's process. */
    DRIVER,
    /** In executors; Spark must have been started with the plugin that makes them ready. */
    EXECUTORS,
    /** In a process of {@code kindling server}. */
    EXTERNAL
  }

  /** A server in the driver, with a secret of its own and without TLS. */
  public static ServerOptions inDriver(Transport transport, int port) {
    return new ServerOptions(
        new Synchronous(),
        NonFinite.ABORT,
        Placement.DRIVER,
        0,
        transport,
        port,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * A server in each of the executors. Spark must have been started with {@code
   * spark.plugins=dev.kindling.spark.server.ShardPlugin}, and the run must keep checkpoints in a
   * folder that every executor reaches: when one is lost, those that are there then go on from it.
   */
  public static ServerOptions inExecutors() {
    return inExecutors(0);
  }

  /** The same in so many executors at most; 0 for all. */
  public static ServerOptions inExecutors(int most) {
    return inDriver(Transport.AUTO, 0).at(Placement.EXECUTORS, most, List.of());
  }

  /**
   * Processes of {@code kindling server}; of several each holds a share of the buckets.
   *
   * @param secret that they were started with
   */
  public static ServerOptions external(Secret secret, List<Address> addresses) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("servers: no address of an external server");
    }
    return inDriver(Transport.AUTO, 0).at(Placement.EXTERNAL, 0, addresses).with(secret);
  }

  private ServerOptions at(Placement other, int most, List<Address> addresses) {
    return new ServerOptions(
        policy, nonFinite, other, most, transport, port, addresses, standbys, secret, tls, trusted);
  }

  /** The same servers, of which each has one that takes its place when it is lost. */
  public ServerOptions withStandbys(List<Address> others) {
    return new ServerOptions(
        policy, nonFinite, placement, executors, transport, port, external, others, secret, tls,
        trusted);
  }

  /** The same servers, reached in another way. */
  public ServerOptions with(Transport other) {
    return new ServerOptions(
        policy, nonFinite, placement, executors, other, port, external, standbys, secret, tls,
        trusted);
  }

  /** The same servers with what both ends must know. */
  public ServerOptions with(Secret known) {
    return with(Optional.of(known), tls, trusted);
  }

  /**
   * The same servers, TLS 1.3 spoken with them: external ones, which have certificates of their
   * own, or those in executors, which find theirs by {@code spark.kindling.tls.*}.
   *
   * @throws IllegalArgumentException for a server in the driver, which needs a certificate too
   */
  public ServerOptions with(ClientTls trust) {
    return with(secret, tls, Optional.of(trust));
  }

  /** A server in the driver with a certificate, and what workers check it against. */
  public ServerOptions with(ServerTls own, ClientTls trust) {
    return with(secret, Optional.of(own), Optional.of(trust));
  }

  private ServerOptions with(
      Optional<Secret> known, Optional<ServerTls> own, Optional<ClientTls> trust) {
    return new ServerOptions(
        policy, nonFinite, placement, executors, transport, port, external, standbys, known, own,
        trust);
  }

  /** The same servers with another policy. */
  public ServerOptions with(Policy other) {
    return new ServerOptions(
        other, nonFinite, placement, executors, transport, port, external, standbys, secret, tls,
        trusted);
  }

  /** The same servers with another answer to gradients that are not finite. */
  public ServerOptions with(NonFinite other) {
    return new ServerOptions(
        policy, other, placement, executors, transport, port, external, standbys, secret, tls,
        trusted);
  }
}
