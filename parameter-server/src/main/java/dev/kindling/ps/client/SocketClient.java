package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.Waiter;
import dev.kindling.ps.transport.ClientConnection;
import dev.kindling.ps.transport.ClientThreads;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Values;
import dev.kindling.train.table.SparseRows;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A worker behind sockets, one to each server process. Its pushes leave while backward goes on, and
 * forward goes on while values arrive. For one thread.
 */
public final class SocketClient implements ParameterClient {
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long MOST_PAUSE_MILLIS = 500;
  private static final double MEND_SECONDS = 60;

  private final ServerLocation location;
  private final Worker worker;
  private final SocketOptions options;
  private final WorkerProtocol protocol;
  private final ClientThreads threads = new ClientThreads();
  private final ClientConnection[] connections;
  private final Receiver[] receivers;
  private final Waiter waiter = new Waiter(new AtomicInteger());
  private final StepClock clock = new StepClock();
  private boolean overtaken;
  private volatile boolean isMending;
  private long read;

  /** A worker that is not connected yet. */
  public SocketClient(ServerLocation location, Worker worker, SocketOptions options) {
    this.location = location;
    this.worker = worker;
    this.options = options;
    connections = new ClientConnection[location.addresses().size()];
    receivers = new Receiver[connections.length];
    Sender[] senders = new Sender[connections.length];
    for (int server = 0; server < senders.length; server++) {
      senders[server] = new Sender(server);
    }
    protocol = new WorkerProtocol(location, worker, senders);
  }

  @Override
  public long join() throws InterruptedException {
    for (int server = 0; server < connections.length; server++) {
      if (connections[server] == null) {
        connections[server] = connect(server);
      }
    }
    await(() -> Arrays.stream(receivers).allMatch(receiver -> receiver.isReady));
    protocol.join();
    return settle();
  }

  /** The network may be cut, or the server late: tries again, each time after a longer pause. */
  private ClientConnection connect(int server) throws InterruptedException {
    long began = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return open(server, location.addresses().get(server));
      } catch (ParameterServerException e) {
        if (e.reason() != Reason.UNREACHABLE || attempt == ATTEMPTS) {
          String tries =
              "%s: %s (tried %d times in %.1f s)"
                  .formatted(worker, e.getMessage(), attempt, (System.nanoTime() - began) * 1e-9);
          throw new ParameterServerException(e.reason(), tries, e);
        }
        TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << (attempt - 1));
      }
    }
  }

  private ClientConnection open(int server, Address address) throws InterruptedException {
    Receiver receiver = new Receiver(server);
    receivers[server] = receiver;
    return new ClientConnection(
        threads, address, location.secret(), location.tls(), options, receiver);
  }

  /** Finds the one who has taken the place of each server that was lost; false if none was. */
  private boolean mend() throws InterruptedException {
    boolean isMended = false;
    for (int server = 0; server < receivers.length; server++) {
      Receiver receiver = receivers[server];
      if (receiver != null && receiver.lost != null) {
        mend(server, receiver.lost);
        isMended = true;
      }
    }
    return isMended;
  }

  /** The standby does not take workers before it is promoted: both are asked in turn. */
  private void mend(int server, ParameterServerException loss) throws InterruptedException {
    long began = System.nanoTime();
    ParameterServerException cause = loss;
    isMending = true;
    for (int attempt = 0; cause != null; attempt++) {
      double seconds = (System.nanoTime() - began) * 1e-9;
      if (seconds > MEND_SECONDS || protocol.failure() != null) {
        protocol.fail(
            new ParameterServerException(
                cause.reason(),
                "%s (neither it nor its standby for %.1f s, asked %d times)"
                    .formatted(cause.getMessage(), seconds, attempt),
                cause));
        return;
      }
      TimeUnit.MILLISECONDS.sleep(
          attempt < 2 ? 0 : Math.min(MOST_PAUSE_MILLIS, 10L << (attempt / 2)));
      connections[server].close();
      cause = rejoin(server, attempt % 2 == 0 ? location.standbys() : location.addresses());
    }
    isMending = false;
  }

  /** Returns why there is no place for this worker; null if there is. */
  private ParameterServerException rejoin(int server, List<Address> addresses)
      throws InterruptedException {
    try {
      connections[server] = open(server, addresses.get(server));
    } catch (ParameterServerException e) {
      receivers[server].lost = e;
      return e;
    }
    Receiver receiver = receivers[server];
    pauseUntil(() -> receiver.isReady || receiver.lost != null);
    if (receiver.isReady) {
      protocol.rejoin(server);
      pauseUntil(() -> protocol.isJoined(server) || receiver.lost != null);
    }
    return receiver.lost;
  }

  private void pauseUntil(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean() && protocol.failure() == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException(worker + ": interrupted while it looked for a server");
      }
      waiter.pause();
    }
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
      protocol.report(version, clock.computeNanos(), clock.waitNanos());
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
    await(location.buckets().count() + table);
    protocol.pullRows(version, table, keys, into);
    awaitOrEnd(() -> protocol.hasRows() || protocol.isOvertaken(version), "waited for rows");
  }

  @Override
  public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
    awaitVersion();
    awaitRoom(location.buckets().count() + table);
    protocol.pushRows(step, table, lo, hi, sums, weight);
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
    int server = bucket % connections.length;
    if (!connections[server].isWritable()) {
      awaitOrEnd(() -> connections[server].isWritable(), "sent gradients");
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
    await(() -> protocol.reduced() != null);
    return protocol.reduced();
  }

  @Override
  public void fail(String message) {
    protocol.reportFailure(message);
  }

  private void await(BooleanSupplier condition) throws InterruptedException {
    try {
      while (!condition.getAsBoolean()) {
        boolean isMended = mend();
        check();
        if (Thread.interrupted()) {
          throw new InterruptedException(worker + ": interrupted while it waited for the server");
        }
        if (!isMended) { // else the condition may hold, and nobody would wake this thread
          waiter.pause();
        }
      }
    } finally {
      waiter.end();
    }
  }

  private void check() {
    ParameterServerException cause = protocol.failure();
    if (cause != null) {
      throw new ParameterServerException(
          cause.reason(), "%s: %s".formatted(worker, cause.getMessage()), cause);
    }
  }

  @Override
  public void close() {
    for (ClientConnection connection : connections) {
      if (connection != null) {
        connection.close();
      }
    }
    threads.close();
  }

  /** Sends to one server, once it is connected. */
  private final class Sender implements Outbox {
    private final int server;

    Sender(int server) {
      this.server = server;
    }

    @Override
    public void send(Message message) {
      connections[server].send(message);
    }

    @Override
    public boolean isWritable() {
      return connections[server].isWritable();
    }
  }

  /** Hears from one server. */
  private final class Receiver implements ClientConnection.Events {
    private final int server;
    private volatile boolean isReady;

    /** Why this connection is over, where another may take its place. */
    private volatile ParameterServerException lost;

    Receiver(int server) {
      this.server = server;
    }

    @Override
    public void ready() {
      isReady = true;
      waiter.wake();
    }

    private boolean isCurrent() {
      return receivers[server] == this;
    }

    @Override
    public Floats target(Values header, int length) {
      if (!isCurrent()) {
        return null;
      }
      Floats target = protocol.target(server, header, length);
      if (target == null) { // the others may have gone on
        waiter.wake();
      }
      return target;
    }

    @Override
    public void received(Message message) {
      if (message instanceof Refused refused && isMended(refused.reason())) {
        lost = new ParameterServerException(refused.reason(), refused.text());
      } else if (message instanceof Joined joined && protocol.isReplaced(server, joined)) {
        lost =
            new ParameterServerException(
                Reason.STALE_TERM,
                "%s: a server of term %d was replaced by its standby"
                    .formatted(worker, joined.term()));
      } else if (isCurrent()) {
        protocol.receive(server, message);
      }
      waiter.wake();
    }

    /** Whether a standby may help. */
    private boolean isMended(Reason reason) {
      return location.hasStandbys()
          && (isMending && reason == Reason.PROTOCOL // one that was started again knows no run
              || reason == Reason.UNREACHABLE
              || reason == Reason.CLOSED
              || reason == Reason.STALE_TERM);
    }

    @Override
    public void writabilityChanged() {
      protocol.sendWaiting(server);
      waiter.wake();
    }

    @Override
    public void closed(ParameterServerException cause) {
      if (isMended(cause.reason())) {
        lost = cause;
      } else if (isCurrent()) {
        protocol.fail(cause);
      }
      waiter.wake();
    }
  }
}
