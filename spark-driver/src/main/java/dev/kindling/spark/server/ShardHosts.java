package dev.kindling.spark.server;

import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/** The executors that can hold shards, as the driver knows them. Thread-safe. */
public final class ShardHosts extends SparkListener {
  private static final int SECRET_BYTES = 32;

  /** One that is there and says nothing is not waited for when none has spoken for so long. */
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long silentNanos;
  private final String drawn = draw();
  private final Map<String, Address> hosts = new LinkedHashMap<>();
  private final Map<String, String> folders = new HashMap<>();
  private final Set<String> unable = new HashSet<>();
  private String trouble = "";
  private long lastNews;

  /**
   * An executor that can hold shards.
   *
   * @param executor its id
   * @param address where its server listens
   */
  public record Host(String executor, Address address) {
    @Override
    public String toString() {
      return "executor %s at %s".formatted(executor, address);
    }
  }

  ShardHosts() {
    this(SILENT_NANOS);
  }

  /** The same with another patience for those that say nothing. */
  ShardHosts(long silentNanos) {
    this.silentNanos = silentNanos;
  }

  private static String draw() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Those of a context; none if it was started without {@link ShardPlugin}. */
  public static Optional<ShardHosts> of(SparkContext spark) {
    Collection<ShardHosts> found =
        CollectionConverters.asJavaCollection(
            spark
                .listenerBus()
                .<ShardHosts>findListenersByClass(ClassTag$.MODULE$.apply(ShardHosts.class)));
    return found.stream().findFirst();
  }

  /** What both ends of the wire know. */
  public Secret secret() {
    return SparkSecret.here().orElseGet(() -> Secret.of(drawn, "the driver"));
  }

  /** The secret as an executor is told it, where Spark has none of its own. */
  String drawn() {
    return drawn;
  }

  /** Says where a run's checkpoints are: an address that every executor reaches. */
  public synchronized void keep(String run, String folder) {
    folders.put(run, folder);
  }

  synchronized String folder(String run) {
    return folders.get(run);
  }

  synchronized void unable(String executor, String reason) {
    unable.add(executor);
    trouble = "executor %s: %s".formatted(executor, reason);
    heard();
  }

  private void heard() {
    lastNews = System.nanoTime();
    notifyAll();
  }

  /** Why an executor, the last that said so, cannot hold shards; empty where none has. */
  public synchronized String trouble() {
    return trouble;
  }

  synchronized void ready(String executor, Address address) {
    hosts.put(executor, address);
    heard();
  }

  /** This one cannot be reached: it is passed over from now on. */
  public synchronized void giveUp(Host host, String reason) {
    hosts.remove(host.executor);
    unable.add(host.executor);
    trouble = "%s: %s".formatted(host, reason);
  }

  /**
   * Waits for an executor that can hold shards, and until those that are there have said whether
   * they can.
   *
   * @param running ids of the executors that are there, as far as Spark tells
   * @param seconds to wait for the first
   * @return all that can, in the order in which they came; none when the time is over
   */
  public synchronized List<Host> await(Supplier<? extends Collection<String>> running, long seconds)
      throws InterruptedException {
    long begin = System.nanoTime();
    lastNews = begin;
    while (hosts.isEmpty() || isAnySilent(running.get())) {
      long end =
          hosts.isEmpty() ? begin + TimeUnit.SECONDS.toNanos(seconds) : lastNews + silentNanos;
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return hosts.entrySet().stream().map(e -> new Host(e.getKey(), e.getValue())).toList();
  }

  private boolean isAnySilent(Collection<String> running) {
    return running.stream().anyMatch(id -> !hosts.containsKey(id) && !unable.contains(id));
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    hosts.remove(event.executorId());
    unable.remove(event.executorId());
    notifyAll();
  }
}
