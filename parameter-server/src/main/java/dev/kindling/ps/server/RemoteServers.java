package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.TableParts;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begin.Share;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.Replicate;
import dev.kindling.ps.wire.Saved;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.SparseRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A run whose shards are in several standalone servers, each with every n-th bucket and a part of
 * every table. What they tell becomes one story: a version is complete when all of them have it, an
 * evaluation when all have added it up. They go on from the newest version of which each has a
 * checkpoint.
 *
 * <p>Each may have a standby. This class alone decides which of the two a share's workers are to
 * believe: it promotes the standby when the primary is lost, or lets the primary go on alone when
 * the standby is. Then it asks in the place that is free, with growing pauses, until there is a
 * standby again. Thread-safe.
 */
public final class RemoteServers implements RunServer {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteServers.class);
  private static final long FIRST_AHEAD = 8;
  private static final long STANDBY_SECONDS = 120;
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long MOST_PAUSE_MILLIS = 60_000;

  private final Begin begin;
  private final Supplier<float[]> initial;
  private final ShardListener listener;
  private final Consumer<IOException> checkpointFailed;
  private final List<Seat> seats = new ArrayList<>();
  private final List<RemoteServer> retired = new ArrayList<>();
  private final boolean hasStandbys;
  private final Evaluations evaluations;
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(RemoteServers::daemon);
  private final Set<Worker> slow = ConcurrentHashMap.newKeySet();
  private volatile boolean isWhole;
  private volatile long completed;
  private long checkpointed;

  /**
   * Begins a run in all of them; returns when workers may come.
   *
   * @param places of the primaries
   * @param standbys for each of them the place of its standby, which begins with nothing; empty for
   *     none
   * @param begin the run and its checkpoints; its share counts for nothing
   * @param initial the values of version 0
   * @throws ParameterServerException if one cannot be reached or refuses, naming it as its {@link
   *     ParameterServerException#server}, or they have no checkpoint in common
   */
  public RemoteServers(
      List<Place> places,
      List<Place> standbys,
      Begin begin,
      Supplier<float[]> initial,
      ShardListener listener,
      Consumer<IOException> checkpointFailed)
      throws InterruptedException {
    TableParts parts = new TableParts(places.size());
    this.begin = begin.with(begin.run().with(parts.split(begin.run().tables())));
    this.initial = initial;
    this.listener = listener;
    this.checkpointFailed = checkpointFailed;
    hasStandbys = !standbys.isEmpty();
    evaluations = new Evaluations(places.size(), this::evaluated);
    try {
      beginTogether(places);
      completed = seats.get(0).primary.version();
      for (int i = 0; i < standbys.size(); i++) {
        seats.get(i).cover(standbys.get(i));
      }
      isWhole = true;
    } finally {
      if (!isWhole) {
        close();
      }
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "kindling-standbys");
    thread.setDaemon(true);
    return thread;
  }

  private void beginTogether(List<Place> places) throws InterruptedException {
    long newest = Long.MAX_VALUE;
    while (!begin(places, newest)) {
      newest = seats.stream().mapToLong(seat -> seat.primary.version()).min().orElseThrow();
      checkCommon(newest);
      closeAll();
      seats.clear();
    }
  }

  /** Returns whether all are at the same version. */
  private boolean begin(List<Place> places, long newest) throws InterruptedException {
    for (int i = 0; i < places.size(); i++) {
      Seat seat = new Seat(new Share(i, places.size(), newest, 0));
      seat.begin(places.get(i));
      seats.add(seat);
    }
    return seats.stream().mapToLong(seat -> seat.primary.version()).distinct().count() == 1;
  }

  private void checkCommon(long least) {
    if (least == 0) {
      List<String> versions =
          seats.stream()
              .map(seat -> "%s: %d".formatted(seat.primary.address(), seat.primary.version()))
              .toList();
      throw new ParameterServerException(
          Reason.PROTOCOL,
          ("the servers have no checkpoint of the same step (%s); give them in the order of the"
                  + " start, each with its own checkpoints")
              .formatted(String.join(", ", versions)));
    }
  }

  @Override
  public ServerLocation location() {
    List<Address> standbys =
        hasStandbys ? seats.stream().map(seat -> seat.other.address()).toList() : List.of();
    return seats
        .get(0)
        .primary
        .location()
        .at(seats.stream().map(seat -> seat.primary.address()).toList(), standbys);
  }

  /** Never goes back, whoever is promoted. */
  @Override
  public long version() {
    return Math.max(completed, everywhere());
  }

  private long everywhere() {
    return seats.stream().mapToLong(seat -> seat.primary.version()).min().orElseThrow();
  }

  @Override
  public long skipped() {
    // All of them, or none; but asynchronous gradients by each process alone.
    return seats.stream().mapToLong(seat -> seat.primary.skipped()).max().orElseThrow();
  }

  @Override
  public long rolledBack() {
    return seats.get(0).primary.rolledBack(); // all of them, or none
  }

  @Override
  public List<ShardProgress> shardProgress() {
    return seats.stream().flatMap(seat -> seat.primary.shardProgress().stream()).toList();
  }

  @Override
  public Estimate noise() {
    return seats.stream().map(seat -> seat.primary.noise()).reduce(Estimate.NONE, Estimate::plus);
  }

  /** The largest: it only falls, and some have not told of what others have seen. */
  @Override
  public double observedFactor() {
    return seats.stream().mapToDouble(seat -> seat.primary.observedFactor()).max().orElse(1);
  }

  @Override
  public List<WorkerProgress> workers() {
    return seats.get(0).primary.workers();
  }

  @Override
  public float[] values() {
    return whole(seat -> seats.get(seat).values());
  }

  @Override
  public List<SparseRows> tables() {
    List<List<SparseRows>> parts = seats.stream().map(seat -> seat.primary.tables()).toList();
    return IntStream.range(0, parts.get(0).size()) // each has a part of every table
        .mapToObj(table -> TableParts.join(parts.stream().map(own -> own.get(table)).toList()))
        .toList();
  }

  @Override
  public float[] evaluated() {
    float[][] parts = evaluations.told().values();
    return whole(seat -> parts[seat]);
  }

  /** Each bucket from the server that holds it; their shares are asked for one after the other. */
  private float[] whole(IntFunction<float[]> shares) {
    float[] all = begin.run().update().layout().vector();
    for (int seat = 0; seat < seats.size(); seat++) {
      new ShardShare(seat, seats.size()).copy(begin.run().buckets(), shares.apply(seat), all);
    }
    return all;
  }

  @Override
  public MetricSums metrics(long version) {
    Evaluations.Told newest = evaluations.told();
    return newest.version() == version
        ? newest.metrics()
        : seats.stream()
            .map(seat -> seat.primary.metrics(version))
            .reduce(new MetricSums(0, 0, 0), MetricSums::plus);
  }

  /** Of one version in all of them: further ahead if some had made it before they heard of it. */
  @Override
  public CompletableFuture<Long> checkpoint() {
    return checkpoint(FIRST_AHEAD);
  }

  private CompletableFuture<Long> checkpoint(long ahead) {
    long newest = seats.stream().mapToLong(seat -> seat.primary.version()).max().orElseThrow();
    long version = Math.min(inStep(newest + ahead), begin.run().totalSteps());
    List<CompletableFuture<Long>> all =
        seats.stream().map(seat -> seat.primary.checkpoint(version)).toList();
    CompletableFuture<Boolean> isLate = new CompletableFuture<>();
    all.forEach(one -> one.thenAccept(saved -> completeIf(saved == Saved.LATE, isLate)));
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .whenComplete((done, failure) -> finish(isLate, failure));
    return isLate.thenCompose(late -> late ? checkpoint(2 * ahead) : all.get(0));
  }

  /** Asynchronous workers meet at the end of an epoch alone. */
  private long inStep(long version) {
    long epoch = begin.run().isAsynchronous() ? begin.run().update().stepsPerEpoch() : 1;
    return (version + epoch - 1) / epoch * epoch;
  }

  private static void completeIf(boolean holds, CompletableFuture<Boolean> answer) {
    if (holds) {
      answer.complete(true);
    }
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
    seats.forEach(seat -> seat.primary.abort(message));
  }

  /** Whether every primary has a standby that can take its place. */
  synchronized boolean isCovered() {
    return seats.stream().allMatch(seat -> seat.standby != null);
  }

  @Override
  public void close() {
    synchronized (this) { // whoever schedules something holds it
      background.shutdownNow();
    }
    awaitBackground();
    closeAll();
  }

  /** Until then a standby may be on its way. */
  private void awaitBackground() {
    try {
      if (!background.awaitTermination(STANDBY_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a server that was to stand by does not answer; it is left alone");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeAll() {
    RuntimeException failure = null;
    for (RemoteServer server : all()) {
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

  private synchronized List<RemoteServer> all() {
    List<RemoteServer> all = new ArrayList<>(retired);
    seats.forEach(seat -> seat.servers().forEach(all::add));
    return all;
  }

  /** Once all servers have a version, those who listen are told. */
  private synchronized void completed(long everywhere) {
    if (everywhere > completed) {
      completed = everywhere;
      listener.completed(everywhere);
    }
  }

  /** All take them of the same versions. */
  private synchronized void checkpointed() {
    long everywhere =
        seats.stream().mapToLong(seat -> seat.primary.checkpointed()).min().orElseThrow();
    if (everywhere > checkpointed) {
      checkpointed = everywhere;
      listener.checkpointed(everywhere);
    }
  }

  private void evaluated(long version, double[] sums) {
    completed(version);
    try {
      listener.reduced(version, sums);
    } finally {
      if (begin.run().update().watchesTraining()) { // the workers wait for it
        seats.forEach(seat -> seat.primary.observe(version, evaluations.told().metrics()));
      }
    }
  }

  /** One share of the buckets: the server that holds it, and the one that may take its place. */
  private final class Seat {
    private final Share share;
    private final CompletableFuture<Void> isCovered = new CompletableFuture<>();
    private volatile RemoteServer primary;

    /** Where the primary is, and where a standby is, or may be one day. */
    private Place place;

    private volatile Place other;

    /** Has all that the primary has; null where there is none. */
    private RemoteServer standby;

    /** Is given what the primary has; null where there is none. */
    private RemoteServer beginner;

    /** The order that named the beginner, or the standby, to the primary. */
    private int order;

    private int attempts;

    Seat(Share share) {
      this.share = share;
    }

    RemoteServer open(Place at, Share held) throws InterruptedException {
      Ear ear = new Ear(this);
      try {
        ear.self = new RemoteServer(at, begin.with(held), initial, ear, checkpointFailed);
        return ear.self;
      } catch (ParameterServerException e) {
        throw e.of(at.address());
      }
    }

    void begin(Place at) throws InterruptedException {
      place = at;
      primary = open(at, share);
    }

    /** Gives the primary a standby; returns when it has all. */
    void cover(Place at) throws InterruptedException {
      other = at;
      bringUp();
      try {
        isCovered.get(STANDBY_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new ParameterServerException(
            Reason.UNREACHABLE,
            "%s does not reach its standby %s: %s"
                .formatted(primary.address(), at.address(), e.getMessage()),
            e);
      }
    }

    /** Begins an empty standby and tells the primary of it. */
    private void bringUp() throws InterruptedException {
      RemoteServer server = open(other, share.standby(primary.settledTerm()));
      synchronized (RemoteServers.this) {
        beginner = server;
        order =
            primary.replicate(
                new Replicate(
                    other.address().host(),
                    other.address().port(),
                    other.tls() == null ? "" : other.tls().pem()));
      }
    }

    /** There is no standby any more: the place that is free is asked after a while. */
    private void coverLater() {
      long pause = Math.min(MOST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempts, 16));
      synchronized (RemoteServers.this) {
        if (!background.isShutdown()) {
          background.schedule(this::coverAgain, pause, TimeUnit.MILLISECONDS);
        }
      }
    }

    private void coverAgain() {
      int attempt;
      synchronized (RemoteServers.this) {
        attempt = ++attempts;
      }
      try {
        bringUp();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        String text = "share {} of {} has no standby yet: {}";
        if (attempt == 1) {
          LOG.warn(
              text + "; tried again and again", share.index() + 1, share.count(), e.getMessage());
        } else {
          LOG.debug(text, share.index() + 1, share.count(), e.getMessage());
        }
        coverLater();
      }
    }

    /** The primary says that the standby of an order has everything. */
    void covered(int by) {
      synchronized (RemoteServers.this) {
        if (beginner == null || by != order) {
          return;
        }
        standby = beginner;
        beginner = null;
        if (isWhole) {
          LOG.info(
              "share {} of {} has a standby again: {}",
              share.index() + 1,
              share.count(),
              standby.address());
        }
        attempts = 0;
        isCovered.complete(null);
      }
    }

    float[] values() {
      while (true) {
        RemoteServer asked = primary;
        try {
          return asked.values();
        } catch (ParameterServerException e) {
          if (asked == primary) { // else another has taken its place meanwhile
            throw e;
          }
        }
      }
    }

    /** What another share's server has measured. */
    void tell(Norms news) {
      servers().forEach(server -> server.tell(news));
    }

    /** Everybody who is connected. */
    Stream<RemoteServer> servers() {
      return Stream.of(primary, standby, beginner).filter(Objects::nonNull);
    }

    /** A server of this seat is gone. */
    void lost(RemoteServer server, ParameterServerException cause) {
      synchronized (RemoteServers.this) {
        if (server == primary && standby != null && isWhole) {
          promote(cause);
        } else if (server == primary) {
          listener.aborted(uncovered(cause));
        } else if (server == standby || server == beginner) {
          goOnAlone(cause.getMessage());
        }
      }
    }

    private ParameterServerException uncovered(ParameterServerException cause) {
      return !hasStandbys || !isWhole
          ? cause
          : new ParameterServerException(
              cause.reason(),
              "%s, and %s, which was to stand by for it, does not have everything"
                  .formatted(cause.getMessage(), other.address()),
              cause);
    }

    private void promote(ParameterServerException cause) {
      RemoteServer old = primary;
      LOG.warn(
          "share {} of {}: {}; its standby {} takes its place at step {}",
          share.index() + 1,
          share.count(),
          cause.getMessage(),
          standby.address(),
          standby.version());
      standby.promote(old.term() + 1);
      primary = standby;
      standby = null;
      Place free = place;
      place = other;
      other = free;
      retire(old);
      completed(everywhere());
      coverLater();
    }

    /** The primary says that it has lost the standby of an order. */
    void lost(int by, String cause) {
      synchronized (RemoteServers.this) {
        if (by == order) {
          goOnAlone(cause);
        }
      }
    }

    /** The primary waits for this word: nobody else may promote the standby any more. */
    private void goOnAlone(String cause) {
      RemoteServer gone = standby != null ? standby : beginner;
      if (!isWhole) {
        isCovered.completeExceptionally(new IOException(cause));
      } else if (gone != null) {
        boolean isNews = gone == standby || attempts < 2; // else one that has begun in vain again
        LOG.atLevel(isNews ? Level.WARN : Level.DEBUG)
            .log(
                "share {} of {} goes on without its standby {}: {}",
                share.index() + 1,
                share.count(),
                gone.address(),
                cause);
        standby = null;
        beginner = null;
        order = primary.replicate(Replicate.ALONE);
        retire(gone);
        coverLater();
      }
    }

    /** Ends the run in a server that counts no more, so that it may begin there again. */
    private void retire(RemoteServer server) {
      retired.add(server);
      if (!background.isShutdown()) {
        background.execute(
            () -> {
              server.close();
              synchronized (RemoteServers.this) {
                retired.remove(server);
              }
            });
      }
    }
  }

  /** Hears from one server; what all of them tell of workers is taken from the first. */
  private final class Ear implements ShardListener {
    private final Seat seat;
    private volatile RemoteServer self;

    Ear(Seat seat) {
      this.seat = seat;
    }

    private boolean isFirst() {
      return seat.share.index() == 0 && seat.primary == self;
    }

    @Override
    public void completed(long version) {
      if (isWhole) {
        RemoteServers.this.completed(everywhere());
      }
    }

    @Override
    public void checkpointed(long version) {
      if (isWhole) {
        RemoteServers.this.checkpointed();
      }
    }

    @Override
    public void reduced(long key, double[] result) {
      float[] values = begin.tellsValues() ? self.evaluated() : null;
      synchronized (RemoteServers.this) {
        evaluations.add(seat.share.index(), key, result, self.metrics(key), values);
      }
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
    public void measured(Norms news) {
      synchronized (RemoteServers.this) { // else one that is promoted meanwhile may miss it
        seats.stream().filter(other -> other != seat).forEach(other -> other.tell(news));
      }
    }

    @Override
    public void slow(Worker worker, String warning) {
      if (slow.add(worker)) {
        listener.slow(worker, warning);
      }
    }

    @Override
    public void standsBy(int order) {
      if (seat.primary == self) {
        seat.covered(order);
      }
    }

    @Override
    public void standbyLost(int order, String cause) {
      if (seat.primary == self) {
        seat.lost(order, cause);
      }
    }

    @Override
    public void aborted(ParameterServerException cause) {
      if (cause.reason() == Reason.UNREACHABLE) {
        seat.lost(self, cause);
      } else if (seat.primary == self) {
        listener.aborted(cause);
      }
    }
  }
}
