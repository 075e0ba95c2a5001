package dev.kindling.ps;

import dev.kindling.ps.transport.ClientTls;
import dev.kindling.train.Buckets;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.Rounding;
import java.io.Serializable;
import java.util.List;

/**
 * All that a worker needs to reach the shards of a run; travels to the tasks. Holds the secret, so
 * it belongs into no configuration and no log. Immutable.
 *
 * @param run the run's id
 * @param jvm names the server among those of its JVM
 * @param transport how to reach it
 * @param addresses where it listens; empty when it does not
 * @param secret proves that both belong together
 * @param buckets the pieces of the flat vector
 * @param tree along which the replicas are added
 * @param tls the certificates to trust; null for connections without TLS
 * @param staleness how many versions the values of a step may be old
 * @param asynchronous whether gradients are applied as they come
 * @param rounding what of the vector travels rounded
 * @param tables number of row-sparse tables; of their parts where several processes hold them, see
 *     {@link TableParts}
 * @param standbys for each address, the one that takes its place when it is lost; empty where the
 *     loss of a server ends its workers
 */
public record ServerLocation(
    String run,
    String jvm,
    Transport transport,
    List<Address> addresses,
    Secret secret,
    Buckets buckets,
    ReplicaTree tree,
    ClientTls tls,
    int staleness,
    boolean asynchronous,
    Rounding rounding,
    int tables,
    List<Address> standbys)
    implements Serializable {

  /** Without TLS. */
  public ServerLocation(
      String run,
      String jvm,
      Transport transport,
      List<Address> addresses,
      Secret secret,
      Buckets buckets,
      ReplicaTree tree) {
    this(run, jvm, transport, addresses, secret, buckets, tree, null);
  }

  /** Where the values of a step are never old, and without tables. */
  public ServerLocation(
      String run,
      String jvm,
      Transport transport,
      List<Address> addresses,
      Secret secret,
      Buckets buckets,
      ReplicaTree tree,
      ClientTls tls) {
    this(run, jvm, transport, addresses, secret, buckets, tree, tls, 0, false, Rounding.NONE, 0);
  }

  /** Without standbys. */
  public ServerLocation(
      String run,
      String jvm,
      Transport transport,
      List<Address> addresses,
      Secret secret,
      Buckets buckets,
      ReplicaTree tree,
      ClientTls tls,
      int staleness,
      boolean asynchronous,
      Rounding rounding,
      int tables) {
    this(
        run,
        jvm,
        transport,
        addresses,
        secret,
        buckets,
        tree,
        tls,
        staleness,
        asynchronous,
        rounding,
        tables,
        List.of());
  }

  /** Copies the lists. */
  public ServerLocation {
    addresses = List.copyOf(addresses);
    standbys = List.copyOf(standbys);
  }

  /** The same with another secret; null for one that both ends have by other means. */
  public ServerLocation with(Secret other) {
    return new ServerLocation(
        run,
        jvm,
        transport,
        addresses,
        other,
        buckets,
        tree,
        tls,
        staleness,
        asynchronous,
        rounding,
        tables,
        standbys);
  }

  /** Whether a server that is lost has a place taker. */
  public boolean hasStandbys() {
    return !standbys.isEmpty();
  }

  /** The same behind other servers, each with its share of the buckets. */
  public ServerLocation at(List<Address> others, List<Address> placeTakers) {
    return new ServerLocation(
        run,
        jvm,
        transport,
        others,
        secret,
        buckets,
        tree,
        tls,
        staleness,
        asynchronous,
        rounding,
        tables,
        placeTakers);
  }

  /**
   * One listening server.
   *
   * @param host name or address
   * @param port TCP port
   */
  public record Address(String host, int port) implements Serializable {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  @Override
  public String toString() {
    return "run %s at %s".formatted(run, addresses.isEmpty() ? "this JVM" : addresses);
  }
}
