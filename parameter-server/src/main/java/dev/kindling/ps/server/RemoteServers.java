package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begin.Share;
import dev.kindling.ps.wire.Saved;
import dev.kindling.train.Buckets;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.SparseRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A run whose shards are in several standalone servers, each with every n-th bucket. What they tell
 * becomes one story: a version is complete when all of them have it, an evaluation when all have
 * added it up. They go on from the newest version of which each has a checkpoint. Thread-safe.
 */
public final class RemoteServers implements RunServer {
  private static final long FIRST_AHEAD = 8;

  private final ShardListener listener;
  private final List<RemoteServer> servers = new ArrayList<>();
  private final Map<Long, Evaluated> open = new TreeMap<>();
  private volatile boolean isWhole;
  private volatile Evaluated told = new Evaluated(-1, 0);
  private long completed;

  /** What the servers have told of one evaluated version. */
  private static final class Evaluated {
    private final long version;
    private final float[][] values;
    private MetricSums metrics = new MetricSums(0, 0, 0);
    private int missing;

    Evaluated(long version, int servers) {
      this.version = version;
      values = new float[servers][];
      missing = servers;
    }
  }

  /**
   * Begins a run in all of them; returns when workers may come.
   *
   * @param begin the run and its checkpoints; its share counts for nothing
   * @param initial the values of version 0
   * @throws ParameterServerException if one cannot be reached or refuses, or they have no
   *     checkpoint in common
   */
  public RemoteServers(
      List<Place> places,
      Begin begin,
      Supplier<float[]> initial,
      ShardListener listener,
      Consumer<IOException> checkpointFailed)
      throws InterruptedException {
    this.listener = listener;
    long newest = Long.MAX_VALUE;
    try {
      while (!begin(places, begin, newest, initial, checkpointFailed)) {
        newest = servers.stream().mapToLong(RemoteServer::version).min().orElseThrow();
        checkCommon(places, newest);
        closeAll();
        servers.clear();
      }
      completed = servers.get(0).version();
      isWhole = true;
    } finally {
      if (!isWhole) {
        closeAll();
      }
    }
  }

  /** Returns whether all are at the same version. */
  private boolean begin(
      List<Place> places,
      Begin begin,
      long newest,
      Supplier<float[]> initial,
      Consumer<IOException> checkpointFailed)
      throws InterruptedException {
    for (int i = 0; i < places.size(); i++) {
      Share share = new Share(i, places.size(), newest);
      servers.add(
          new RemoteServer(
              places.get(i), begin.with(share), initial, new Ear(i, begin), checkpointFailed));
    }
    return servers.stream().mapToLong(RemoteServer::version).distinct().count() == 1;
  }

  private void checkCommon(List<Place> places, long least) {
    if (least == 0) {
      List<String> versions = new ArrayList<>();
      for (int i = 0; i < places.size(); i++) {
        versions.add("%s: %d".formatted(places.get(i).address(), servers.get(i).version()));
      }
      throw new ParameterServerException(
          Reason.PROTOCOL,
          ("the servers have no checkpoint of the same step (%s); give them in the order of the"
                  + " start, each with its own checkpoints")
              .formatted(String.join(", ", versions)));
    }
  }

  @Override
  public ServerLocation location() {
    ServerLocation first = servers.get(0).location();
    return first.at(
        servers.stream().flatMap(server -> server.location().addresses().stream()).toList());
  }

  @Override
  public long version() {
    return servers.stream().mapToLong(RemoteServer::version).min().orElseThrow();
  }

  @Override
  public long skipped() {
    return 0; // rules that skip are refused
  }

  @Override
  public Estimate noise() {
    return servers.stream().map(RemoteServer::noise).reduce(Estimate.NONE, Estimate::plus);
  }

  @Override
  public List<WorkerProgress> workers() {
    return servers.get(0).workers();
  }

  @Override
  public float[] values() {
    return whole(servers.stream().map(RemoteServer::values).toArray(float[][]::new));
  }

  @Override
  public List<SparseRows> tables() {
    return List.of(); // tables are refused
  }

  @Override
  public float[] evaluated() {
    return whole(told.values);
  }

  /** Each bucket from the server that holds it. */
  private float[] whole(float[][] parts) {
    Buckets buckets = location().buckets();
    float[] all = new float[Math.toIntExact(buckets.length())];
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      int from = Math.toIntExact(buckets.from(bucket));
      float[] holder = parts[bucket % parts.length];
      System.arraycopy(holder, from, all, from, buckets.length(bucket));
    }
    return all;
  }

  @Override
  public MetricSums metrics(long version) {
    Evaluated newest = told;
    return newest.version == version
        ? newest.metrics
        : servers.stream()
            .map(server -> server.metrics(version))
            .reduce(new MetricSums(0, 0, 0), MetricSums::plus);
  }

  /** Of one version in all of them: further ahead if some had made it before they heard of it. */
  @Override
  public CompletableFuture<Long> checkpoint() {
    return checkpoint(FIRST_AHEAD);
  }

  private CompletableFuture<Long> checkpoint(long ahead) {
    long newest = servers.stream().mapToLong(RemoteServer::version).max().orElseThrow();
    List<CompletableFuture<Long>> all =
        servers.stream().map(server -> server.checkpoint(newest + ahead)).toList();
    CompletableFuture<Boolean> isLate = new CompletableFuture<>();
    all.forEach(
        one ->
            one.thenAccept(
                version -> {
                  if (version == Saved.LATE) {
                    isLate.complete(true);
                  }
                }));
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .whenComplete((done, e) -> finish(isLate, e));
    return isLate.thenCompose(late -> late ? checkpoint(2 * ahead) : all.get(0));
  }

  private static void finish(CompletableFuture<Boolean> isLate, Throwable failure) {
    if (failure == null) {
      isLate.complete(false);
    } else {
      isLate.completeExceptionally(failure);
    }
  }

  @Override
  public void abort(String message) {
    servers.forEach(server -> server.abort(message));
  }

  @Override
  public void close() {
    closeAll();
  }

  private void closeAll() {
    RuntimeException failure = null;
    for (RemoteServer server : servers) {
      try {
        server.close();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Once all servers have a version, those who listen are told. */
  private synchronized void completed() {
    long everywhere = version();
    if (everywhere > completed) {
      completed = everywhere;
      listener.completed(everywhere);
    }
  }

  private synchronized void evaluated(int server, long key, double[] sums, boolean tellsValues) {
    Evaluated now = open.computeIfAbsent(key, k -> new Evaluated(k, servers.size()));
    now.metrics = now.metrics.plus(servers.get(server).metrics(key));
    if (tellsValues) {
      now.values[server] = servers.get(server).evaluated();
    }
    if (--now.missing == 0) {
      open.remove(key);
      told = now;
      listener.reduced(key, sums);
    }
  }

  /** Hears from one of the servers; what all of them tell of workers is taken from the first. */
  private final class Ear implements ShardListener {
    private final int server;
    private final boolean tellsValues;

    Ear(int server, Begin begin) {
      this.server = server;
      this.tellsValues = begin.tellsValues();
    }

    private boolean isFirst() {
      return server == 0;
    }

    @Override
    public void completed(long version) {
      if (isWhole) {
        RemoteServers.this.completed();
      }
    }

    @Override
    public void reduced(long key, double[] result) {
      evaluated(server, key, result, tellsValues);
    }

    @Override
    public void began(int incarnation) {
      if (isFirst()) {
        listener.began(incarnation);
      }
    }

    @Override
    public void joined(Worker worker) {
      if (isFirst()) {
        listener.joined(worker);
      }
    }

    @Override
    public void failed(Worker worker, String message) {
      listener.failed(worker, message);
    }

    @Override
    public void aborted(ParameterServerException cause) {
      listener.aborted(cause);
    }
  }
}
