package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.TableParts;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.Waiter;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A worker behind sockets, one to each server process. Its pushes leave while backward goes on, and
 * forward goes on while values arrive. Workers of one JVM may share the connections: what they push
 * is then added before it is sent, and they read the same values. For one thread.
 */
public final class SocketClient implements ParameterClient {
  private final ServerLocation location;
  private final Worker worker;
  private final WorkerConnections connections;

  /** Null where the connections belong to this worker alone. */
  private final JvmConnections.Key shared;

  /** Whether this worker speaks for all that share the connections, where one has to. */
  private final boolean isFirst;

  private final WorkerProtocol protocol;
  private final Waiter waiter = new Waiter(new AtomicInteger());
  private final StepClock clock = new StepClock();
  private boolean overtaken;
  private boolean hasJoined;
  private long read;

  /** A worker with connections of its own, that is not connected yet. */
  public SocketClient(ServerLocation location, Worker worker, SocketOptions options) {
    this.location = location;
    this.worker = worker;
    shared = null;
    isFirst = true;
    List<Node> replicas = List.of(new Node(worker.lo(), worker.hi()));
    connections = new WorkerConnections(location, worker, replicas, options);
    connections.enter(waiter);
    protocol = connections.protocol();
  }

  /** A worker that shares its connections with others of this JVM, that is not connected yet. */
  SocketClient(ServerLocation location, Worker worker, JvmWorkers workers) {
    this.location = location;
    this.worker = worker;
    shared = JvmConnections.key(location, worker, workers.replicas());
    isFirst = worker.lo() == workers.replicas().stream().mapToInt(Node::lo).min().orElseThrow();
    connections = JvmConnections.enter(shared, workers.name(), location, waiter);
    protocol = connections.protocol();
  }

  @Override
  public long join() throws InterruptedException {
    connections.join(waiter);
    hasJoined = true;
    return settle();
  }

  /** Waits for a place and the values of its step; the others may go on meanwhile. */
  private long settle() throws InterruptedException {
    while (true) {
      await(protocol::isJoined);
      long first = protocol.firstStep();
      await(() -> protocol.holds(first) || protocol.isOvertaken(first));
      if (protocol.holds(first)) {
        return first;
      }
      protocol.rejoin();
    }
  }

  @Override
  public float[] values(long version) throws InterruptedException {
    return await(version, version);
  }

  @Override
  public float[] arriving(long step) throws InterruptedException {
    if (isAhead()) {
      return recent(step);
    }
    check();
    clock.startWaiting();
    clock.startComputing();
    reportIfDue(step);
    overtaken = false;
    read = step;
    return protocol.begin(step);
  }

  @Override
  public void await(int bucket) {
    if (!protocol.holds(read)) {
      awaitArrival(() -> protocol.holds(bucket, read));
    }
  }

  /** Waits for what the others may have gone on without. */
  private void awaitArrival(BooleanSupplier arrived) {
    if (!overtaken && !arrived.getAsBoolean()) {
      clock.startWaiting();
      awaitOrEnd(() -> arrived.getAsBoolean() || protocol.isOvertaken(read), "waited for values");
      clock.startComputing();
      overtaken = !arrived.getAsBoolean();
    }
  }

  /** Whether this worker goes on before what it pushed was applied. */
  private boolean isAhead() {
    return location.staleness() > 0 || location.asynchronous();
  }

  private void reportIfDue(long version) {
    if (clock.isReportDue()) {
      protocol.report(worker, version, clock.computeNanos(), clock.waitNanos());
    }
  }

  @Override
  public float[] recent(long step) throws InterruptedException {
    return await(Math.max(0, step - location.staleness()), step);
  }

  @Override
  public long read() {
    return read;
  }

  /** Waits for a version, and reads the newest of those up to the step's. */
  private float[] await(long version, long step) throws InterruptedException {
    clock.startWaiting();
    if (!protocol.holds(version)) {
      if (location.asynchronous()) {
        protocol.pull(version);
      }
      await(() -> protocol.holds(version) || protocol.isOvertaken(version));
    }
    check();
    overtaken = !protocol.holds(version);
    read = overtaken ? version : Math.min(step, protocol.newestHeld());
    float[] values = overtaken ? protocol.place(version) : protocol.begin(step, read);
    clock.startComputing();
    reportIfDue(version);
    return values;
  }

  @Override
  public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
    if (isAhead()) { // it is copied when it is sent
      awaitRoom(bucket);
    } else {
      awaitVersion();
    }
    protocol.push(step, bucket, lo, hi, sums, weight);
  }

  @Override
  public void pullRows(long version, int table, long[] keys, float[] into) {
    if (keys.length == 0) {
      return;
    }
    check();
    for (int server = 0; server < connections.servers(); server++) {
      await(part(table, server));
    }
    List<RowQuestion> questions = protocol.pullRows(version, table, keys, into);
    awaitOrEnd(
        () -> protocol.areAnswered(questions) || protocol.isOvertaken(version), "waited for rows");
  }

  @Override
  public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
    awaitVersion();
    for (int server = 0; server < connections.servers(); server++) {
      awaitRoom(part(table, server));
    }
    protocol.pushRows(step, table, lo, hi, sums, weight);
  }

  /** A part of a table, as a bucket. */
  private int part(int table, int part) {
    return location.buckets().count() + new TableParts(connections.servers()).number(table, part);
  }

  @Override
  public long next(long step) throws InterruptedException {
    if (!overtaken && !protocol.isOvertaken(step + 1)) {
      return step + 1;
    }
    protocol.rejoin();
    return settle();
  }

  @Override
  public void answer(long round, int client, float[] sums, double weight) {
    for (int bucket = 0; bucket < location.buckets().count(); bucket++) {
      awaitRoom(bucket);
      protocol.answer(round, bucket, client, sums, weight);
    }
  }

  @Override
  public void drop(long round, int client) {
    check();
    protocol.drop(round, client);
  }

  /** Nothing is pushed before the whole version is here: the shards keep two. */
  private void awaitVersion() {
    check();
    awaitArrival(() -> protocol.holds(read));
  }

  /** Waits while too much is on its way to a bucket's server. */
  private void awaitRoom(int bucket) {
    check();
    int server = bucket % connections.servers();
    if (!connections.isWritable(server)) {
      awaitOrEnd(() -> connections.isWritable(server), "sent gradients");
    }
  }

  /** Waits where an interrupt cannot be handed on. */
  private void awaitOrEnd(BooleanSupplier condition, String what) {
    try {
      await(condition);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ParameterServerException(
          Reason.CLOSED, "%s: interrupted while it %s".formatted(worker, what), e);
    }
  }

  @Override
  public double[] reduce(long key, double[]... replicas) throws InterruptedException {
    protocol.reduce(key, ReplicaVectors.nodes(location.tree(), worker, replicas));
    await(() -> protocol.isReduced(key));
    return protocol.reduced(key);
  }

  @Override
  public Estimate noise() {
    return isFirst ? protocol.noise() : Estimate.NONE;
  }

  /** Joins first where that has yet to be done: the server hears from workers only. */
  @Override
  public void fail(String message) {
    if (!hasJoined) {
      joinToFail();
    }
    protocol.reportFailure(message);
  }

  private void joinToFail() {
    try {
      connections.join(waiter);
      await(protocol::isJoined);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ParameterServerException(
          Reason.CLOSED, worker + ": interrupted while it told of an error", e);
    }
  }

  private void await(BooleanSupplier condition) throws InterruptedException {
    connections.await(waiter, condition);
  }

  private void check() {
    connections.check();
  }

  @Override
  public void close() {
    if (shared == null || JvmConnections.leave(shared, waiter)) {
      connections.close();
    }
  }
}
