package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.sync.GradientSum;
import dev.kindling.ps.wire.Norms;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The shards of one process, as those who push and pull see them: the same for workers of this JVM
 * and for those behind a socket. Knows no clock, no transport and no randomness. Thread-safe.
 */
public final class ShardGroup {
  private final RunSpec run;
  private final ShardShare share;
  private final ShardStorage storage;
  private final Bucket[] buckets;
  private final TableSteps[] tables;
  private final VersionGate gate;
  private final Versions versions;
  private final Replication replication;
  private final Steps steps;
  private final Reductions reductions;

  /** Whether others hold some of the training rows' sums that the schedule watches. */
  private final boolean awaitsMetrics;

  /** Evaluated versions whose training sums have not come. */
  private final Map<Long, double[]> unobserved = new ConcurrentHashMap<>();

  private final AtomicInteger spinning = new AtomicInteger();
  private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
  private final Map<String, WorkerProgress> progress = new ConcurrentHashMap<>();
  private final List<ShardListener> listeners = new CopyOnWriteArrayList<>();
  private volatile int incarnation;
  private volatile long firstVersion;
  private volatile ParameterServerException failure;

  /**
   * Shards at a version.
   *
   * @param share the buckets that are held here
   * @param term counts the recoveries of the shards, from 1
   * @param storage holds the values of {@code version} and the optimizer's state
   */
  public ShardGroup(RunSpec run, ShardShare share, int term, ShardStorage storage, long version) {
    this.run = run;
    this.share = share;
    this.storage = storage;
    if (!storage.share().isAll() && !storage.share().equals(share)) {
      throw new IllegalArgumentException(
          "run %s: %s cannot be held in arrays for %s".formatted(run.id(), share, storage.share()));
    }
    buckets = new Bucket[run.buckets().count()];
    for (int b = share.index(); b < buckets.length; b += share.count()) {
      buckets[b] = new Bucket(b, run, storage, version);
    }
    if (run.policy() instanceof FederatedRounds && share.count() > 1) {
      throw new IllegalArgumentException(
          "run %s: federated rounds need all shards in one process; there are %d"
              .formatted(run.id(), share.count()));
    }
    awaitsMetrics = share.count() > 1 && run.update().watchesTraining();
    tables = tables(version);
    gate = new VersionGate(share.of(run.parts()), version, run.staleness() + 1);
    versions = new Versions(buckets, run.parts(), gate, listeners, this::wake, this::abort);
    replication = new Replication(run, term, buckets, versions, this::publish);
    steps = steps();
    reductions = new Reductions(run.tree(), this::observe);
  }

  /** Sums that are not of a version have a key below zero. */
  private void observe(long key, double[] sums) {
    if (key >= 0 && !awaitsMetrics) {
      storage.plateau().observe(key, sums, () -> storage.metrics(key));
    }
  }

  /** The tables of this process, numbered behind the buckets; null for those elsewhere. */
  private TableSteps[] tables(long version) {
    TableSteps[] here = new TableSteps[run.tables().size()];
    if (here.length > 0
        && (run.needsWholeGradient() || run.isAsynchronous() || run.staleness() > 0)) {
      throw new IllegalArgumentException(
          ("run %s: table %s needs a rule that works on each element alone, and the synchronous policy"
                  + " that stops at a gradient that is not finite")
              .formatted(run.id(), run.tables().get(0).name()));
    }
    for (int t = 0; t < here.length; t++) {
      RowTable table = storage.tables().get(t);
      if (table.version() != version) {
        throw new IllegalArgumentException(
            "table %s is at version %d, the shards at %d"
                .formatted(table.spec().name(), table.version(), version));
      }
      here[t] =
          share.owns(buckets.length + t)
              ? new TableSteps(run.tree(), table, run.nonFinite(), this::factor)
              : null;
    }
    return here;
  }

  /** What the schedule makes of the learning rate of a step. */
  private double factor(long step) {
    FlatUpdate update = run.update();
    return update.schedule().factor(step, update.stepsPerEpoch()) * storage.plateau().factor();
  }

  private Steps steps() {
    if (run.isAsynchronous() || run.staleness() > 0) {
      return ahead();
    }
    if (!run.needsWholeGradient()) {
      return new BucketSteps(buckets, versions, spinning);
    }
    WholeSteps whole = new WholeSteps(run, buckets, versions, storage, gate.version());
    return run.policy() instanceof FederatedRounds rounds
        ? new RoundSteps(rounds, run.totalSteps(), buckets, versions, whole, listeners)
        : whole;
  }

  /** Where workers do not wait for each other. */
  private Steps ahead() {
    boolean isWhole = run.needsWholeGradient();
    if (isWhole && (run.isAsynchronous() || share.count() > 1)) {
      throw new IllegalArgumentException(
          ("run %s: %s with not_finite %s waits for the whole gradient of a step: train synchronously,"
                  + " or with bounded staleness and all shards in one process")
              .formatted(
                  run.id(),
                  run.update().optimizer().toSpec(),
                  run.nonFinite().name().toLowerCase(Locale.ROOT)));
    }
    if (run.isAsynchronous()) {
      return new AsyncSteps(run, buckets, versions, gate);
    }
    return isWhole
        ? new WholeSteps(run, buckets, versions, storage, gate.version())
        : new StaleSteps(buckets, versions);
  }

  /**
   * Other processes hold the rest of the buckets; to be called before any worker has joined.
   *
   * @param others takes what rules of the whole gradient have to tell them
   */
  public void exchange(Consumer<Norms> others) {
    steps.exchange(others);
  }

  /**
   * Another process tells of its buckets' gradients.
   *
   * @throws dev.kindling.ps.wire.WireException if that cannot be
   */
  public void receive(Workspace workspace, Norms news) {
    if (!replication.isIncomplete()) { // else it is of a version before the first one here
      steps.receive(workspace, news);
    }
  }

  /**
   * Hands everything that is made from now on to an empty second copy first. Workers may be there
   * already: then it gets the next version of each bucket whole, and those after it as sums.
   */
  public synchronized void replicate(Standby standby) {
    replication.begin(standby, incarnation > 0);
    reductions.finished().forEach(standby::reduced);
  }

  /** These shards are an empty second copy, and take what their primary brings. */
  public void standBy() {
    replication.standBy(storage);
  }

  /** The second copy of these shards, or theirs of another process's. */
  public Replication replication() {
    return replication;
  }

  /** Adds one who is told of what happens. */
  public void listen(ShardListener listener) {
    listeners.add(listener);
  }

  /** A worker behind a socket is sent new values, so many nanoseconds after its push. */
  void answered(long nanos) {
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).answered(nanos);
    }
  }

  /** A gradient has come that was computed with values so many versions old. */
  public void pushed(long staleness) {
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).pushed(staleness);
    }
  }

  /** Gradients in a bucket's newest values, where they are applied as they come. */
  public long gradients(int bucket) {
    return buckets[bucket].gradients();
  }

  /** How old the values were, in versions, of the gradient that a thread has applied last. */
  public long ageOf(Workspace workspace, long gradientsRead) {
    return (workspace.gradientsBefore - gradientsRead) / run.tree().replicas();
  }

  /** Gradients that have come, one for each bucket, replica and step, and are not applied. */
  public long waitingGradients() {
    long waiting = 0;
    for (int b = share.index(); b < buckets.length; b += share.count()) {
      waiting += buckets[b].waiting();
    }
    for (TableSteps table : tables) {
      waiting += table == null ? 0 : table.waiting();
    }
    return waiting;
  }

  /** Whether the run's next version waits for this worker. */
  public boolean awaits(Worker worker) {
    long version = gate.version();
    boolean any = false;
    for (int b = share.index(); b < buckets.length && !any; b += share.count()) {
      any = buckets[b].awaits(version, worker.lo(), worker.hi());
    }
    return any;
  }

  /** The others wait for a worker. */
  public void slow(Worker worker, String warning) {
    for (ShardListener listener : listeners) {
      listener.slow(worker, warning);
    }
  }

  /** The run that is trained. */
  public RunSpec run() {
    return run;
  }

  /** Counts the recoveries of the shards, from 1. */
  public int term() {
    return replication.term();
  }

  /** The newest start of the workers. */
  public int incarnation() {
    return incarnation;
  }

  /** The run's version when the newest start of the workers began. */
  public long firstVersion() {
    return firstVersion;
  }

  /** The run's step: the version that every bucket has. */
  public long version() {
    return gate.version();
  }

  /** Where the values are. */
  public ShardStorage storage() {
    return storage;
  }

  /** Whether there is such a bucket, and here. */
  public boolean owns(int bucket) {
    return bucket >= 0 && bucket < buckets.length && share.owns(bucket);
  }

  /** Whether there is such a table, and here. */
  public boolean ownsTable(int table) {
    return table >= 0 && table < tables.length && tables[table] != null;
  }

  /** A table that is here. */
  public RowTable table(int table) {
    return tables[table].table();
  }

  /** The buckets that are held here. */
  public ShardShare share() {
    return share;
  }

  /** Copies a bucket's newest values where gradients are applied as they come. */
  public void copy(int bucket, float[] into, int at) {
    buckets[bucket].copy(into, at);
  }

  /**
   * Copies a bucket's values and state of a version; to be asked for inside {@link
   * ShardListener#applied}.
   *
   * @return false, with nothing copied, if gradients of later steps are in them already
   */
  public boolean copy(int bucket, long version, float[] values, float[][] state) {
    return buckets[bucket].copy(version, values, state);
  }

  /**
   * Whether a bucket's values of a version are still, or already, here. Where gradients are applied
   * as they come, the newest ones stand for every version but the last.
   */
  public boolean holds(int bucket, long version) {
    if (bucket >= buckets.length) {
      long newest = table(bucket - buckets.length).version();
      return versions.isReleased(bucket, version) && version > newest - 2;
    }
    long newest = buckets[bucket].version();
    if (run.isAsynchronous()) {
      return newest >= version || version < run.totalSteps();
    }
    return versions.isReleased(bucket, version) && version > newest - storage.versions();
  }

  /** How far each worker of the newest start is. */
  public List<WorkerProgress> workers() {
    return new ArrayList<>(progress.values());
  }

  /** Takes note of how far a worker is, unless it belongs to an earlier start. */
  public synchronized void report(WorkerProgress report) {
    if (report.worker().incarnation() >= incarnation) {
      progress.put(report.worker().name(), report);
    }
  }

  /**
   * A worker comes. The first one of a higher incarnation discards unfinished sums and shuts out
   * those before it.
   *
   * @return the run's step, where this worker has to begin
   */
  public long join(Worker worker) {
    if (worker.hi() > run.tree().replicas()) {
      throw new ParameterServerException(
          Reason.PROTOCOL, "%s: the run has %d replicas".formatted(worker, run.tree().replicas()));
    }
    replication.check(worker);
    steps.begin(() -> begin(worker.incarnation()));
    check(worker);
    for (ShardListener listener : listeners) {
      listener.joined(worker);
    }
    return gate.version();
  }

  private synchronized boolean begin(int newIncarnation) {
    boolean isNew = newIncarnation > incarnation;
    if (isNew) {
      for (int b = share.index(); b < buckets.length; b += share.count()) {
        buckets[b].begin(newIncarnation);
      }
      for (TableSteps table : tables) {
        if (table != null) {
          table.begin(newIncarnation);
        }
      }
      reductions.begin(newIncarnation);
      incarnation = newIncarnation;
      firstVersion = gate.version();
      progress.clear();
      wake();
      for (ShardListener listener : listeners) {
        listener.began(newIncarnation);
      }
    }
    return isNew;
  }

  /** Throws if the run was stopped or the worker belongs to an earlier start. */
  public void check(Worker worker) {
    ParameterServerException cause = failure;
    if (cause != null) {
      throw cause;
    }
    if (worker.incarnation() < incarnation) {
      throw new ParameterServerException(
          Reason.STALE_INCARNATION,
          "%s: the workers were started again (start %d); this one must end"
              .formatted(worker, incarnation));
    }
  }

  /**
   * Takes the sums over the replicas [lo, hi) of one bucket. The thread that brings the last ones
   * makes the bucket's next version, or leaves that to a worker that has nothing else to do.
   *
   * @param array holds the sums from {@code offset} on, untouched until the bucket is applied
   * @param lender gets the array back; null for one that its owner keeps
   * @throws ParameterServerException if the weight is negative, infinite or NaN; that of replicas
   *     without rows is 0
   */
  public PushOutcome push(
      Workspace workspace,
      int fromIncarnation,
      int toTerm,
      long step,
      int bucket,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      GradientSum.Lender lender) {
    if (toTerm != term()) {
      return PushOutcome.STALE_TERM;
    }
    checkWeight(weight, step, lo, hi);
    return steps.push(
        workspace, fromIncarnation, step, bucket, lo, hi, array, offset, weight, lender);
  }

  /**
   * Takes a piece of the rows' sums over the replicas [lo, hi) of a table that is here. The thread
   * that brings the last piece makes the table's next version.
   */
  public PushOutcome pushRows(
      int fromIncarnation,
      int toTerm,
      long step,
      int table,
      int lo,
      int hi,
      int piece,
      int pieces,
      SparseRows rows,
      double weight) {
    if (toTerm != term()) {
      return PushOutcome.STALE_TERM;
    }
    checkWeight(weight, step, lo, hi);
    try {
      PushOutcome outcome =
          tables[table].push(fromIncarnation, step, lo, hi, piece, pieces, rows, weight);
      if (outcome == PushOutcome.COMPLETED) {
        versions.announce(buckets.length + table, step + 1, true);
      }
      return outcome;
    } catch (ParameterServerException e) {
      abort(e);
      throw e;
    }
  }

  /** A federated round leaves out a client whose weight is none. */
  private void checkWeight(double weight, long step, int lo, int hi) {
    boolean isOne = weight >= 0 && weight <= Double.MAX_VALUE;
    if (!isOne && !(run.policy() instanceof FederatedRounds)) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          ("step %d: the gradient of replicas [%d, %d) has weight %s; it is a number of rows, or the"
                  + " sum of their weights: finite and not negative")
              .formatted(step, lo, hi, weight));
    }
  }

  /** A client of a federated round will bring nothing: nobody waits for it any more. */
  public void drop(Workspace workspace, Worker worker, int toTerm, long round, int client) {
    check(worker);
    if (toTerm == term()) {
      steps.drop(workspace, worker.incarnation(), round, client);
    }
  }

  /** Looks at the clock: a federated round may be over. To be called now and then. */
  public void tick(Workspace workspace) {
    steps.tick(workspace);
  }

  /** The gradient noise of late, from what the workers push; nothing where one comes a step. */
  public Estimate noise() {
    Estimate sum = Estimate.NONE;
    for (int b = share.index(); b < buckets.length; b += share.count()) {
      sum = sum.plus(buckets[b].noise());
    }
    return sum;
  }

  /** How many steps were skipped since this process holds the shards. */
  public long skipped() {
    return versions.skipped();
  }

  /** How many steps went back to an earlier version since this process holds the shards. */
  public long rolledBack() {
    return versions.rolledBack();
  }

  /** A place to wait for a worker thread of this JVM; closed by {@link #leave}. */
  public Waiter enter() {
    Waiter waiter = new Waiter(spinning);
    waiters.add(waiter);
    return waiter;
  }

  /** The worker thread is gone. */
  public void leave(Waiter waiter) {
    waiters.remove(waiter);
  }

  /** The version to wait for: none but the last where gradients are applied as they come. */
  public long awaited(long version) {
    return run.isAsynchronous() && version < run.totalSteps() ? 0 : version;
  }

  /**
   * Waits until every bucket has the version, applying buckets meanwhile.
   *
   * @return the array that holds it
   */
  public float[] await(Worker worker, long version, Waiter waiter, Workspace workspace)
      throws InterruptedException {
    try {
      while (gate.version() < version) {
        pause(worker, waiter, workspace);
      }
    } finally {
      waiter.end();
    }
    return storage.published(version);
  }

  private void pause(Worker worker, Waiter waiter, Workspace workspace)
      throws InterruptedException {
    check(worker);
    if (Thread.interrupted()) {
      throw new InterruptedException(worker + ": interrupted while it waited for the others");
    }
    if (!steps.help(workspace)) {
      waiter.pause();
    }
  }

  /**
   * Takes one node's vector of a reduction. Those who wait for the result go on after the listeners
   * were told, so that a listener still finds the values of the version that was evaluated: with
   * backup workers nobody waits for the one that tells.
   */
  public void reduce(Worker worker, long key, int lo, int hi, double[] vector) {
    check(worker);
    if (replication.isIncomplete()) {
      restore(key, vector);
      return;
    }
    double[] result = reductions.add(worker.incarnation(), key, lo, hi, vector);
    if (result != null) {
      if (!versions.unacknowledged().holds(key, result)) {
        publish(key, result);
      }
    }
  }

  /** The primary has finished this before these shards had anything. */
  private void restore(long key, double[] vector) {
    if (key == StandbyProtocol.PLATEAU) {
      storage.plateau().restore(vector);
    }
    reductions.restore(key, vector);
  }

  private void publish(long key, double[] result) {
    boolean isObserved = !awaitsMetrics || !storage.plateau().watches(key);
    if (!isObserved) {
      unobserved.put(key, result); // before anybody can answer
    }
    try {
      for (ShardListener listener : listeners) {
        listener.reduced(key, result.clone());
      }
    } finally {
      if (isObserved) {
        release(key, result);
      }
    }
  }

  private void release(long key, double[] result) {
    reductions.publish(key);
    wake();
    for (ShardListener listener : listeners) {
      listener.published(key, result.clone());
    }
  }

  /**
   * The training rows' sums of an evaluated version, from all processes, where the schedule watches
   * them: it moves, and whoever waits for the evaluation goes on. Once for each version.
   */
  public void observe(long version, MetricSums training) {
    double[] result = unobserved.remove(version);
    if (result != null) {
      storage.plateau().observe(training);
      release(version, result);
    }
  }

  /** The finished reduction of a key, or null. */
  public double[] reduced(long key) {
    double[] result = reductions.result(key);
    return result == null ? null : result.clone();
  }

  /** Waits for a reduction's result. */
  public double[] awaitReduced(Worker worker, long key, Waiter waiter, Workspace workspace)
      throws InterruptedException {
    try {
      double[] result = reduced(key);
      while (result == null) {
        pause(worker, waiter, workspace);
        result = reduced(key);
      }
      return result;
    } finally {
      waiter.end();
    }
  }

  /** A worker reports an error that starting it again would not mend. */
  public void fail(Worker worker, String message) {
    for (ShardListener listener : listeners) {
      listener.failed(worker, message);
    }
  }

  /** Ends every wait, now and later, with this cause; the first one counts. */
  public synchronized void abort(ParameterServerException cause) {
    if (failure == null) {
      failure = cause;
      for (ShardListener listener : listeners) {
        listener.aborted(cause);
      }
      wake();
    }
  }

  private void wake() {
    for (Waiter waiter : waiters) {
      waiter.wake();
    }
  }
}
