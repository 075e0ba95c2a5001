package dev.kindling.spark.job;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.spark.server.ShardHosts;
import dev.kindling.spark.server.ShardHosts.Host;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Which executors hold the shards of a run: chosen anew for each start of the shards.
 *
 * @param spark knows which executors are there
 * @param hosts those that can hold shards
 * @param startSeconds how long to wait for the first of them
 * @param most as many executors as the run's buckets may go to
 * @param trusted what their certificates are checked against; null for connections without TLS
 */
record ExecutorPlaces(
    SparkContext spark, ShardHosts hosts, int startSeconds, int most, ClientTls trusted) {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorPlaces.class);

  /** Begins a run at some places; bucket b goes to place b mod n. */
  interface Opening {
    RunServer open(List<Place> places) throws InterruptedException;
  }

  /** An executor's place in the order in which those of its machine came. */
  private record Ranked(int rank, Host host) {}

  /** One that does not answer is passed over: the driver may not know of its end yet. */
  RunServer open(Opening opening) throws InterruptedException {
    while (true) {
      List<Host> chosen = spread(ready(), most);
      try {
        RunServer server = opening.open(chosen.stream().map(this::place).toList());
        LOG.info(
            "the parameters are in {}",
            chosen.stream().map(Host::toString).collect(Collectors.joining(", ")));
        return server;
      } catch (ParameterServerException e) {
        if (e.reason() != Reason.UNREACHABLE) {
          throw e;
        }
        hosts.giveUp(unreached(chosen, e), e.getMessage());
      }
    }
  }

  private List<Host> ready() throws InterruptedException {
    List<Host> ready = hosts.await(this::running, startSeconds);
    if (ready.isEmpty()) {
      throw new TrainingException(
          Kind.CLUSTER,
          "no executor came within %d s (cluster.start_seconds) that could hold the parameters; %s"
              .formatted(startSeconds, hosts.trouble()),
          null);
    }
    return ready;
  }

  /** The driver itself is the one of a local master. */
  private Collection<String> running() {
    return spark.isLocal()
        ? List.of()
        : CollectionConverters.asJavaCollection(spark.getExecutorIds());
  }

  private Place place(Host host) {
    return new Place(host.address(), hosts.secret(), trusted);
  }

  private static Host unreached(List<Host> chosen, ParameterServerException e) {
    return chosen.stream()
        .filter(host -> e.server().filter(host.address()::equals).isPresent())
        .findFirst()
        .orElse(chosen.get(0)); // it is the only one
  }

  /**
   * In how many executors the shards of a run may be: each holds a bucket at least.
   *
   * @param wanted at most so many; 0 for all
   */
  static int most(RunSpec run, int wanted) {
    return Math.min(wanted == 0 ? Integer.MAX_VALUE : wanted, run.buckets().count());
  }

  /**
   * So many executors at most, on as many machines as can be: the first of each machine, in the
   * order in which they came, then the second of each, and so on.
   */
  static List<Host> spread(Collection<Host> ready, int most) {
    Map<String, Integer> ofMachine = new HashMap<>();
    return ready.stream()
        .map(host -> new Ranked(ofMachine.merge(host.address().host(), 1, Integer::sum), host))
        .sorted(Comparator.comparingInt(Ranked::rank))
        .limit(most)
        .map(Ranked::host)
        .toList();
  }
}
