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
import dev.kindling.train.ReplicaTree.Node;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * One connection to each server process, of one worker or of all workers of a JVM: what arrives is
 * kept once, and what they push is added before it leaves. A server that is lost is replaced by its
 * standby, if there is one. Thread-safe.
 */
final class WorkerConnections {
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long MOST_PAUSE_MILLIS = 500;
  private static final double MEND_SECONDS = 60;

  private final ServerLocation location;
  private final Worker worker;
  private final SocketOptions options;
  private final WorkerProtocol protocol;
  private final ClientThreads threads = new ClientThreads();
  private final Link[] links;
  private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
  private final ReentrantLock opening = new ReentrantLock();
  private boolean hasJoined;
  private volatile boolean isMending;

  /**
   * Nothing is connected yet.
   *
   * @param worker what the servers know the workers as
   * @param replicas those of each worker
   */
  WorkerConnections(
      ServerLocation location, Worker worker, List<Node> replicas, SocketOptions options) {
    this.location = location;
    this.worker = worker;
    this.options = options;
    links = new Link[location.addresses().size()];
    Arrays.setAll(links, Link::new);
    protocol = new WorkerProtocol(location, worker, replicas, links);
  }

  /** What travels. */
  WorkerProtocol protocol() {
    return protocol;
  }

  /** A worker's thread waits there from now on. */
  void enter(Waiter waiter) {
    waiters.add(waiter);
  }

  /** A worker's thread will not wait any more; returns whether none does. */
  boolean leave(Waiter waiter) {
    waiters.remove(waiter);
    return waiters.isEmpty();
  }

  /**
   * Connects to every server that is not connected, and asks for a place unless that was done.
   *
   * @param waiter of the thread that calls
   */
  void join(Waiter waiter) throws InterruptedException {
    opening.lockInterruptibly();
    try {
      for (Link link : links) {
        if (link.connection == null) {
          connect(link);
        }
      }
      await(waiter, () -> Arrays.stream(links).allMatch(link -> link.receiver.isReady));
      if (!hasJoined || protocol.failure() != null) {
        hasJoined = true;
        protocol.join();
      }
    } finally {
      opening.unlock();
    }
  }

  /** The network may be cut, or the server late: tries again, each time after a longer pause. */
  private void connect(Link link) throws InterruptedException {
    long began = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        link.open(location.addresses());
        return;
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

  /** Waits for a condition that the connections change, replacing servers that are lost. */
  void await(Waiter waiter, BooleanSupplier condition) throws InterruptedException {
    try {
      while (!condition.getAsBoolean()) {
        boolean isMended = mend(waiter);
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

  /** Throws the cause if nothing will go on. */
  void check() {
    ParameterServerException cause = protocol.failure();
    if (cause != null) {
      throw new ParameterServerException(
          cause.reason(), "%s: %s".formatted(worker, cause.getMessage()), cause);
    }
  }

  /** Finds the one who has taken the place of each server that was lost; false if none was. */
  private boolean mend(Waiter waiter) throws InterruptedException {
    if (!isLost()) {
      return false;
    }
    opening.lockInterruptibly();
    try {
      for (int server = 0; server < links.length; server++) {
        ParameterServerException loss = links[server].lost();
        if (loss != null) {
          mend(server, loss, waiter);
        }
      }
    } finally {
      opening.unlock();
    }
    return true;
  }

  private boolean isLost() {
    for (Link link : links) {
      if (link.lost() != null) {
        return true;
      }
    }
    return false;
  }

  /** The standby does not take workers before it is promoted: both are asked in turn. */
  private void mend(int server, ParameterServerException loss, Waiter waiter)
      throws InterruptedException {
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
        wake();
        return;
      }
      TimeUnit.MILLISECONDS.sleep(
          attempt < 2 ? 0 : Math.min(MOST_PAUSE_MILLIS, 10L << (attempt / 2)));
      links[server].connection.close();
      cause = rejoin(server, attempt % 2 == 0 ? location.standbys() : location.addresses(), waiter);
    }
    isMending = false;
    wake(); // what the others wait for may have come meanwhile
  }

  /** Returns why there is no place for this worker; null if there is. */
  private ParameterServerException rejoin(int server, List<Address> addresses, Waiter waiter)
      throws InterruptedException {
    Link link = links[server];
    try {
      link.open(addresses);
    } catch (ParameterServerException e) {
      link.receiver.lost = e;
      return e;
    }
    Receiver receiver = link.receiver;
    pauseUntil(waiter, () -> receiver.isReady || receiver.lost != null);
    if (receiver.isReady) {
      protocol.rejoin(server);
      pauseUntil(waiter, () -> protocol.isJoined(server) || receiver.lost != null);
    }
    return receiver.lost;
  }

  private void pauseUntil(Waiter waiter, BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean() && protocol.failure() == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException(worker + ": interrupted while it looked for a server");
      }
      waiter.pause();
    }
  }

  /** Whether there is room for more on the way to a server. */
  boolean isWritable(int server) {
    return links[server].isWritable();
  }

  /** How many server processes there are. */
  int servers() {
    return links.length;
  }

  void close() {
    for (Link link : links) {
      if (link.connection != null) {
        link.connection.close();
      }
    }
    threads.close();
  }

  private void wake() {
    for (Waiter waiter : waiters) {
      waiter.wake();
    }
  }

  /** The way to one server, whichever process it is at the time. */
  private final class Link implements Outbox {
    private final int server;
    private volatile ClientConnection connection;
    private volatile Receiver receiver;

    Link(int server) {
      this.server = server;
    }

    void open(List<Address> addresses) throws InterruptedException {
      Receiver next = new Receiver(server);
      receiver = next;
      connection =
          new ClientConnection(
              threads, addresses.get(server), location.secret(), location.tls(), options, next);
    }

    /** Why the server has to be replaced; null if it need not. */
    ParameterServerException lost() {
      Receiver current = receiver;
      return current == null ? null : current.lost;
    }

    @Override
    public void send(Message message) {
      connection.send(message);
    }

    @Override
    public boolean isWritable() {
      return connection.isWritable();
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
      wake();
    }

    private boolean isCurrent() {
      return links[server].receiver == this;
    }

    @Override
    public Floats target(Values header, int length) {
      if (!isCurrent()) {
        return null;
      }
      Floats target = protocol.target(server, header, length);
      if (target == null) { // the others may have gone on
        wake();
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
      wake();
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
      wake();
    }

    @Override
    public void closed(ParameterServerException cause) {
      if (isMended(cause.reason())) {
        lost = cause;
      } else if (isCurrent()) {
        protocol.fail(cause);
      }
      wake();
    }
  }
}
