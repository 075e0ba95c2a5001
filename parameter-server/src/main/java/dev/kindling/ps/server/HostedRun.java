package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.SharedCheckpoints;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.Workspace;
import dev.kindling.ps.transport.Caller;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.DriverSession;
import dev.kindling.ps.transport.RunConnections;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begun;
import dev.kindling.ps.wire.End;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.Promote;
import dev.kindling.ps.wire.Pull;
import dev.kindling.ps.wire.PushRows;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Replicate;
import dev.kindling.ps.wire.Save;
import dev.kindling.ps.wire.Saved;
import dev.kindling.ps.wire.Status;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import dev.kindling.ps.wire.WorkerEvent;
import dev.kindling.train.MetricSums;
import dev.kindling.train.table.SparseRows;
import java.io.IOException;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run that a standalone server holds for a driver: begins from a checkpoint or from the values
 * that the driver sends, tells the driver how it goes, and ends with the driver's connection.
 * Thread-safe; what takes long runs on the executor.
 */
final class HostedRun implements DriverSession, ShardListener {
  private static final Logger LOG = LoggerFactory.getLogger(HostedRun.class);

  private final Begin begin;
  private final Caller driver;
  private final Secret secret;
  private final Optional<CheckpointStores> stores;
  private final Executor executor;
  private final RunMetrics metrics = new RunMetrics(System::nanoTime);
  private final ShardShare share;
  private final Workspace workspace;
  private final BitSet missing = new BitSet();
  private Snapshot initial;
  private StandbyConnection standby;
  private final AtomicInteger orders = new AtomicInteger();
  private volatile CheckpointStore store;

  /** Knows what other numbers of processes have written, while that is needed; else null. */
  private volatile SharedCheckpoints others;

  private int term;
  private volatile ParameterServer server;
  private volatile RunConnections connections;
  private volatile long checkpointed;
  private volatile boolean gone;

  /**
   * A run that has not begun.
   *
   * @param secret that a standby of its shards holds too
   * @param stores where its checkpoints go, if there are to be any
   * @param executor one thread
   */
  HostedRun(
      Begin begin,
      Caller driver,
      Secret secret,
      Optional<CheckpointStores> stores,
      Executor executor) {
    this.begin = begin;
    this.driver = driver;
    this.secret = secret;
    this.stores = stores;
    this.executor = task -> executor.execute(() -> attempt(task));
    share = new ShardShare(begin.share().index(), begin.share().count());
    workspace = new Workspace(begin.run().tree());
  }

  /** What fails on the executor is told: nobody else would hear of it. */
  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      cannotGoOn(e);
    }
  }

  /** Ends the run with its cause. */
  void cannotGoOn(Throwable cause) {
    LOG.warn("run {} cannot go on", id(), cause);
    driver.refuse(
        Reason.PROTOCOL,
        "run %s cannot go on here: %s"
            .formatted(
                id(), cause instanceof OutOfMemoryError ? cause.toString() : cause.getMessage()));
  }

  private RunSpec run() {
    return begin.run();
  }

  /** Looks for a checkpoint and tells the driver what is wanted of it; on the executor. */
  void prepare(int ownTerm) throws IOException {
    HeapRoom.check(begin, stores.isPresent(), Runtime.getRuntime().maxMemory());
    boolean isStandby = begin.share().isStandby();
    term = isStandby ? begin.share().standbyOf() : ownTerm;
    Optional<Snapshot> newest = Optional.empty();
    if (stores.isPresent()) {
      SharedCheckpoints kept = new SharedCheckpoints(stores.get().of(run().id()), run(), share);
      store = kept.own();
      others = share.index() == 0 && kept.hasOthers() ? kept : null;
      if (!isStandby) { // else all comes from the primary
        newest = begin.resume() ? kept.newest(begin.share().newest()) : newest;
        term = kept.nextTerm();
      }
    }
    if (newest.isPresent()) {
      driver.send(new Begun(term, newest.get().version(), false));
      start(newest.get());
    } else if (isStandby) {
      driver.send(new Begun(term, 0, false));
      start(empty());
    } else {
      allocate();
      driver.send(new Begun(term, 0, true));
    }
  }

  private Snapshot empty() {
    return Snapshot.allocate(run(), share, 0);
  }

  private synchronized void allocate() {
    initial = empty();
    share.stream(run().buckets().count()).forEach(missing::set);
  }

  @Override
  public synchronized Floats target(Values header, int length) {
    int bucket = header.bucket();
    if (bucket < 0 || !missing.get(bucket) || length != run().buckets().length(bucket)) {
      throw new WireException(
          "initial values of bucket %d with %d floats are not awaited".formatted(bucket, length));
    }
    return new Floats(initial.values(), share.offset(run().buckets(), bucket), length);
  }

  @Override
  public void receive(Message message) {
    if (message instanceof Values values) {
      arrived(values.bucket());
    } else if (message instanceof Save save) {
      save(save.version());
    } else if (message instanceof Pull pull && pull.bucket() != Pull.ALL) {
      executor.execute(() -> sendTable(pull.bucket() - run().buckets().count()));
    } else if (message instanceof Pull) {
      executor.execute(this::sendValues);
    } else if (message instanceof Promote promote) {
      started();
      executor.execute(() -> promote(promote.term()));
    } else if (message instanceof Replicate replicate) {
      started();
      int order = orders.incrementAndGet();
      executor.execute(() -> replicate(replicate, order));
    } else if (message instanceof Norms norms) {
      ParameterServer here = started();
      executor.execute(() -> receive(here, norms));
    } else if (message instanceof Reduced training) {
      ParameterServer here = started();
      executor.execute(() -> observe(here, training));
    } else if (message instanceof End end && !end.text().isEmpty()) {
      started().abort(end.text());
    } else if (message instanceof End) {
      executor.execute(this::end);
    } else {
      throw new WireException("a driver does not send " + message.type());
    }
  }

  private void save(long version) {
    if (stores.isEmpty()) {
      driver.send(
          new Saved(
              Saved.FAILED, "the server keeps no checkpoints; start it with --checkpoint-dir"));
    } else if (version == Save.SOON) {
      started().checkpoint().whenComplete(this::saved);
    } else {
      started()
          .checkpoint(version)
          .ifPresentOrElse(
              written -> written.whenComplete(this::saved),
              () -> driver.send(new Saved(Saved.LATE, "")));
    }
  }

  private ParameterServer started() {
    ParameterServer here = server;
    if (here == null) {
      throw new WireException("the run has not begun");
    }
    return here;
  }

  private synchronized void arrived(int bucket) {
    missing.clear(bucket);
    if (missing.isEmpty()) {
      Snapshot complete = initial;
      initial = null;
      executor.execute(() -> start(complete));
    }
  }

  private void start(Snapshot from) {
    if (gone) {
      return;
    }
    ParameterServer.Builder builder =
        ParameterServer.of(run(), from)
            .term(term)
            .standby(begin.share().isStandby())
            .listener(this)
            .listener(metrics);
    if (store != null) {
      // One more where others have to have the same: they may be a little behind.
      int keep = begin.keep() + (share.count() > 1 ? 1 : 0);
      builder.checkpoints(store, begin.checkpointEvery(), keep, this::checkpointFailed);
    }
    ParameterServer begun = builder.start();
    if (share.count() > 1) {
      begun.shards().exchange(driver::send);
    }
    server = begun;
    connections = new RunConnections(begun.shards());
    tell();
  }

  private void receive(ParameterServer here, Norms norms) {
    try {
      here.shards().receive(workspace, norms);
    } catch (WireException e) {
      driver.refuse(Reason.PROTOCOL, e.getMessage());
    }
  }

  private void observe(ParameterServer here, Reduced training) {
    if (training.vector().length != MetricSums.LENGTH) {
      driver.refuse(Reason.PROTOCOL, training + " are not the sums of the training rows");
      return;
    }
    here.shards().observe(training.key(), MetricSums.of(training.vector()));
    tell(); // the rate has moved
  }

  /** The primary is lost: workers may come here, and what it may still send is refused. */
  private void promote(int asked) {
    int next = asked;
    try {
      if (store != null) {
        next = Math.max(asked, new Checkpoints(store, run()).nextTerm());
      }
    } catch (IOException e) {
      checkpointFailed(e); // the term that the driver has counted is enough for those alive
    }
    try {
      server.shards().replication().promote(next);
      connections.refuseAll("these shards were promoted (term %d)".formatted(next));
      driver.send(new Begun(next, server.version(), false));
      tell();
    } catch (IllegalStateException e) {
      driver.refuse(Reason.PROTOCOL, e.getMessage());
    }
  }

  private void replicate(Replicate to, int order) {
    if (to.equals(Replicate.ALONE)) {
      server.shards().replication().goOnAlone();
    }
    if (standby != null) {
      standby.close();
      standby = null;
    }
    if (to.equals(Replicate.ALONE)) {
      return;
    }
    try {
      standby =
          new StandbyConnection(
              server.shards(),
              new Address(to.host(), to.port()),
              secret,
              to.trusted().isEmpty() ? null : new ClientTls(to.trusted()),
              () -> tellOfStandby(WorkerEvent.Kind.STANDS_BY, order, ""),
              cause -> tellOfStandby(WorkerEvent.Kind.STANDBY_LOST, order, cause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalArgumentException e) {
      driver.refuse(Reason.PROTOCOL, e.getMessage());
    }
  }

  private void tellOfStandby(WorkerEvent.Kind kind, int order, String text) {
    if (!gone) {
      Worker all = new Worker("standby", 0, run().tree().replicas(), order);
      driver.send(new WorkerEvent(kind, all, text));
    }
  }

  private void checkpointFailed(IOException cause) {
    driver.send(new Saved(Saved.FAILED, String.valueOf(cause.getMessage())));
  }

  private void saved(Long version, Throwable failure) {
    if (failure == null) {
      driver.send(new Saved(version, ""));
    } // else checkpointFailed has told
  }

  private void sendValues() {
    sendValues(started().version(), Values.ASKED_FOR);
  }

  /** Sends copies: steps may go on before they have left. */
  private void sendValues(long version, long called) {
    ParameterServer here = started();
    for (int bucket : share.stream(run().buckets().count()).toArray()) {
      Values values = ShardSession.exactValues(here.shards(), bucket, version);
      driver.send(
          new Values(values.term(), bucket, called, values.encoding(), values.floats().copy()));
    }
  }

  /** Sends the rows of a table that steps have changed. */
  private void sendTable(int table) {
    ParameterServer here = started();
    if (!here.shards().ownsTable(table)) {
      driver.refuse(Reason.PROTOCOL, "table %d is not here".formatted(table));
      return;
    }
    SparseRows rows = here.table(table).changedRows();
    int replicas = run().tree().replicas();
    int pieces = PushRows.pieces(rows);
    for (int piece = 0; piece < pieces; piece++) {
      SparseRows part = PushRows.piece(rows, piece);
      driver.send(
          new PushRows(0, term, here.version(), table, 0, replicas, 0, piece, pieces, part));
    }
  }

  /** Tells the driver how the run goes. */
  void tell() {
    ParameterServer here = server;
    if (here != null && !gone) {
      tell(here, here.version());
    }
  }

  private void tell(ParameterServer here, long version) {
    driver.send(
        new Status(
            version,
            here.skipped(),
            here.rolledBack(),
            here.metrics(version),
            here.noise(),
            here.observedFactor(),
            checkpointed,
            here.workers()));
  }

  /** The last one is committed while the run ends: its driver still listens. */
  @Override
  public void checkpointed(long version) {
    checkpointed = version;
    tell(started(), started().version());
    if (others != null) {
      dropOthers();
    }
  }

  private void dropOthers() {
    try {
      if (others.dropOthers(begin.keep())) {
        others = null;
      }
    } catch (IOException e) {
      checkpointFailed(e);
    }
  }

  @Override
  public void completed(long version) {
    if (version % run().update().stepsPerEpoch() == 0) {
      tell(server, version);
    }
  }

  /** The workers wait for the sums: nobody changes the version before they are told. */
  @Override
  public void reduced(long key, double[] result) {
    if (key == started().version()) {
      tell(started(), key); // the metrics up to here, amid an epoch too
      if (begin.tellsValues()) {
        sendValues(key, key);
      }
    }
    driver.send(new Reduced(key, result));
  }

  @Override
  public void began(int incarnation) {
    Worker all = new Worker("start " + incarnation, 0, run().tree().replicas(), incarnation);
    driver.send(new WorkerEvent(WorkerEvent.Kind.BEGAN, all, ""));
  }

  @Override
  public void joined(Worker worker) {
    driver.send(new WorkerEvent(WorkerEvent.Kind.JOINED, worker, ""));
  }

  @Override
  public void failed(Worker worker, String message) {
    driver.send(new WorkerEvent(WorkerEvent.Kind.FAILED, worker, message));
  }

  @Override
  public void slow(Worker worker, String warning) {
    driver.send(new WorkerEvent(WorkerEvent.Kind.SLOW, worker, warning));
  }

  @Override
  public void aborted(ParameterServerException cause) {
    driver.send(new Refused(cause.reason(), cause.getMessage()));
  }

  @Override
  public void closed() {
    if (!gone) { // else the server has ended it, and perhaps the executor
      gone = true;
      executor.execute(this::end);
    }
  }

  /** Whether nobody waits for anything of it any more. */
  boolean isOver() {
    return gone;
  }

  String id() {
    return run().id();
  }

  RunMetrics metrics() {
    return metrics;
  }

  /** The shards; null before they are there and after the end. */
  ParameterServer server() {
    return server;
  }

  /** Where workers enter. */
  RunConnections connections() {
    RunConnections here = connections;
    if (here == null || gone) {
      throw new ParameterServerException(
          Reason.PROTOCOL, "run %s has not begun here, or is over".formatted(id()));
    }
    return here;
  }

  /** Whether anybody is connected who makes steps. */
  boolean hasWorkers() {
    RunConnections workers = connections;
    return workers != null && !workers.isEmpty();
  }

  /** A checkpoint of the running steps; failed if there are none. */
  CompletableFuture<Long> checkpoint() {
    return !hasWorkers() || stores.isEmpty()
        ? CompletableFuture.failedFuture(new IllegalStateException("no worker trains"))
        : server.checkpoint();
  }

  /** Ends what is left of the run: workers that wait are told, checkpoints are written. */
  void end() {
    gone = true;
    if (standby != null) {
      standby.close();
    }
    if (server != null) {
      server.close();
    }
    driver.leave();
  }

  /** Tells workers and driver that the whole server stops. */
  void stop(String reason) {
    ParameterServer here = server;
    if (here != null) {
      here.abort(reason);
    }
    driver.refuse(Reason.UNREACHABLE, reason);
  }
}
