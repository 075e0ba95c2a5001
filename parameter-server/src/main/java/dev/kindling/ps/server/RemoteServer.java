package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.Transport;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.transport.ClientConnection;
import dev.kindling.ps.transport.ClientThreads;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begun;
import dev.kindling.ps.wire.End;
import dev.kindling.ps.wire.FloatEncoding;
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
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.SparseRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A run's shards in a standalone server, as the run's driver sees them: the run begins when this is
 * made and ends when it is closed or its connection breaks. Thread-safe.
 */
public final class RemoteServer implements RunServer {
  private static final long START_SECONDS = 120;
  private static final long CLOSE_SECONDS = 60;

  private final RunSpec run;
  private final ShardShare share;
  private final ServerLocation location;
  private final ShardListener listener;
  private final Consumer<IOException> checkpointFailed;
  private final ClientThreads threads = new ClientThreads();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Begun> begun = new CompletableFuture<>();
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final BitSet missing = new BitSet();
  private final ClientConnection connection;
  private CompletableFuture<float[]> pulled = new CompletableFuture<>();
  private final float[] evaluated;
  private float[] values;
  private CompletableFuture<SparseRows> pulledTable = new CompletableFuture<>();
  private final List<SparseRows> pieces = new ArrayList<>();
  private CompletableFuture<Long> saving = new CompletableFuture<>();

  /** The version that {@link #saving} is of; 0 for any. */
  private long savedFrom;

  private volatile Status status =
      new Status(0, 0, 0, new MetricSums(0, 0, 0), Estimate.NONE, 1, 0, List.of());
  private volatile boolean closing;
  private volatile int term;
  private volatile CompletableFuture<Begun> promoted = CompletableFuture.completedFuture(null);
  private final AtomicInteger orders = new AtomicInteger();

  /** Why the connection is over; null while it lasts. */
  private ParameterServerException lost;

  /**
   * Where a standalone server is.
   *
   * @param address host and port
   * @param secret that it holds too
   * @param tls the certificates to trust; null for a connection without TLS
   */
  public record Place(Address address, Secret secret, ClientTls tls) {}

  /**
   * Begins a run there; returns when workers may come.
   *
   * @param begin the run and its checkpoints
   * @param initial the values of version 0, asked for if the server has no checkpoint
   * @param listener told of versions that end an epoch, reductions, workers and failures
   * @param checkpointFailed told when the server cannot write one
   * @throws ParameterServerException if the server cannot be reached or refuses
   */
  public RemoteServer(
      Place place,
      Begin begin,
      Supplier<float[]> initial,
      ShardListener listener,
      Consumer<IOException> checkpointFailed)
      throws InterruptedException {
    this(place, begin, initial, listener, checkpointFailed, SocketOptions.defaults());
  }

  /** The same with other times and sizes. */
  RemoteServer(
      Place place,
      Begin begin,
      Supplier<float[]> initial,
      ShardListener listener,
      Consumer<IOException> checkpointFailed,
      SocketOptions options)
      throws InterruptedException {
    this.run = begin.run();
    this.share = new ShardShare(begin.share().index(), begin.share().count());
    this.listener = listener;
    this.checkpointFailed = checkpointFailed;
    location =
        new ServerLocation(
            run.id(),
            "",
            Transport.SOCKET,
            List.of(place.address),
            place.secret,
            run.buckets(),
            run.tree(),
            place.tls,
            run.staleness(),
            run.isAsynchronous(),
            run.rounding(),
            run.tables().size());
    evaluated = begin.tellsValues() ? vector() : null;
    boolean isBegun = false;
    try {
      connection =
          new ClientConnection(
              threads, place.address, place.secret, place.tls, options, new Receiver());
      begin(begin, initial);
      isBegun = true;
    } finally {
      if (!isBegun) {
        threads.close();
      }
    }
  }

  private void begin(Begin begin, Supplier<float[]> initial) throws InterruptedException {
    await(ready, START_SECONDS);
    connection.send(begin);
    Begun answer = await(begun, START_SECONDS);
    term = answer.term();
    if (answer.wantsValues()) {
      send(answer, initial.get());
    }
    await(started, START_SECONDS);
  }

  private void send(Begun answer, float[] initial) {
    for (int bucket : share.stream(run.buckets().count()).toArray()) {
      int from = Math.toIntExact(run.buckets().from(bucket));
      Floats floats = new Floats(initial, from, run.buckets().length(bucket));
      connection.send(
          new Values(answer.term(), bucket, answer.version(), FloatEncoding.FLOAT32, floats));
    }
  }

  private <T> T await(CompletableFuture<T> answer, long seconds) throws InterruptedException {
    try {
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ParameterServerException cause) {
        throw new ParameterServerException(cause.reason(), cause.getMessage(), cause);
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new ParameterServerException(
          Reason.UNREACHABLE,
          "the parameter server at %s did not answer within %d s"
              .formatted(location.addresses(), seconds),
          e);
    }
  }

  @Override
  public ServerLocation location() {
    return location;
  }

  @Override
  public long version() {
    return status.version();
  }

  @Override
  public long skipped() {
    return status.skipped();
  }

  @Override
  public long rolledBack() {
    return status.rolledBack();
  }

  @Override
  public List<WorkerProgress> workers() {
    return status.workers();
  }

  @Override
  public MetricSums metrics(long version) {
    return status.metrics();
  }

  @Override
  public List<ShardProgress> shardProgress() {
    return List.of(share.progress(Optional.of(address()), run.buckets(), version()));
  }

  @Override
  public Estimate noise() {
    return status.noise();
  }

  @Override
  public double observedFactor() {
    return status.factor();
  }

  /** The newest version that the server has committed a checkpoint of in this run; 0 for none. */
  long checkpointed() {
    return status.checkpointed();
  }

  /** Where the server holds a share, its buckets one after the other. */
  @Override
  public float[] values() {
    CompletableFuture<float[]> answer;
    synchronized (this) {
      values = vector();
      share.stream(run.buckets().count()).forEach(missing::set);
      pulled = new CompletableFuture<>();
      answer = pulled;
    }
    return fetch(Pull.ALL, answer);
  }

  /** As long as what the server holds. */
  private float[] vector() {
    return new float[Math.toIntExact(share.elements(run.buckets()))];
  }

  private <T> T fetch(int what, CompletableFuture<T> answer) {
    endIfLost(answer);
    connection.send(new Pull(0, what, 0));
    try {
      return await(answer, START_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ParameterServerException(
          Reason.CLOSED, "interrupted while the trained values were fetched", e);
    }
  }

  /** Nobody answers any more. */
  private synchronized void endIfLost(CompletableFuture<?> answer) {
    if (lost != null) {
      answer.completeExceptionally(lost);
    }
  }

  @Override
  public List<SparseRows> tables() {
    return share.tables(run).mapToObj(this::table).toList();
  }

  private SparseRows table(int number) {
    CompletableFuture<SparseRows> answer = new CompletableFuture<>();
    synchronized (this) {
      pieces.clear();
      pulledTable = answer;
    }
    return fetch(run.buckets().count() + number, answer);
  }

  /** The same of a share. */
  @Override
  public float[] evaluated() {
    if (evaluated == null) {
      throw new IllegalStateException(
          "run %s did not ask for the values of evaluated versions".formatted(run.id()));
    }
    return evaluated.clone();
  }

  @Override
  public synchronized CompletableFuture<Long> checkpoint() {
    if (saving.isDone()) {
      saving = new CompletableFuture<>();
      savedFrom = 0;
    }
    endIfLost(saving);
    connection.send(new Save(Save.SOON));
    return saving;
  }

  /**
   * Asks for a checkpoint of a version.
   *
   * @return the version once it is committed; {@link Saved#LATE} if it was made already
   */
  synchronized CompletableFuture<Long> checkpoint(long version) {
    saving = new CompletableFuture<>();
    savedFrom = version;
    endIfLost(saving);
    connection.send(new Save(version));
    return saving;
  }

  /**
   * The term of the shards, as far as it is known: one that is promoted may choose a higher one.
   */
  int term() {
    return term;
  }

  /** The term of the shards, once they have it. */
  int settledTerm() throws InterruptedException {
    await(promoted, START_SECONDS);
    return term;
  }

  Address address() {
    return location.addresses().get(0);
  }

  /** Makes a standby the primary. */
  void promote(int newTerm) {
    term = newTerm;
    promoted = new CompletableFuture<>();
    connection.send(new Promote(newTerm));
  }

  /**
   * Tells a primary where its standby is, or that there is none any more.
   *
   * @return the number of this order, which what is heard of that standby names
   */
  synchronized int replicate(Replicate to) {
    connection.send(to);
    return orders.incrementAndGet();
  }

  /** Tells what another server has measured. */
  void tell(Norms news) {
    connection.send(news);
  }

  /** Tells the sums of the training rows of an evaluated version, from all servers. */
  void observe(long version, MetricSums training) {
    connection.send(new Reduced(version, training.toArray()));
  }

  @Override
  public void abort(String message) {
    connection.send(new End(message.isEmpty() ? "stopped" : message));
  }

  @Override
  public void close() {
    closing = true;
    connection.send(new End(""));
    try {
      await(closed, CLOSE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connection.close();
      threads.close();
    }
  }

  private synchronized void arrived(Values v) {
    if (v.version() == Values.ASKED_FOR) {
      missing.clear(v.bucket());
      if (missing.isEmpty()) {
        pulled.complete(values);
      }
    }
  }

  private synchronized void arrived(PushRows piece) {
    if (piece.piece() != pieces.size()) {
      throw new WireException(
          "piece %d of a table after %d".formatted(piece.piece(), pieces.size()));
    }
    pieces.add(piece.rows());
    if (pieces.size() == piece.pieces()) {
      pulledTable.complete(SparseRows.join(piece.rows().width(), pieces));
      pieces.clear();
    }
  }

  private synchronized void saved(Saved answer) {
    if (answer.version() != Saved.FAILED) {
      if (answer.version() == Saved.LATE || answer.version() >= savedFrom) {
        saving.complete(answer.version());
      } // else it was asked for before, and another server was too late for it
    } else {
      IOException cause = new IOException(answer.text());
      checkpointFailed.accept(cause);
      saving.completeExceptionally(cause);
    }
  }

  private void heard(Status news) {
    boolean isNewer = news.version() > status.version();
    boolean isKept = news.checkpointed() > status.checkpointed();
    if (news.version() >= status.version()) {
      status = news;
    }
    if (started.complete(null)) {
      return;
    }
    if (isNewer) {
      listener.completed(news.version());
    }
    if (isKept) {
      listener.checkpointed(news.checkpointed());
    }
  }

  private void happened(WorkerEvent event) {
    switch (event.kind()) {
      case BEGAN -> listener.began(event.worker().incarnation());
      case JOINED -> listener.joined(event.worker());
      case FAILED -> listener.failed(event.worker(), event.text());
      case STANDS_BY -> listener.standsBy(event.worker().incarnation());
      case SLOW -> listener.slow(event.worker(), event.text());
      case STANDBY_LOST -> listener.standbyLost(event.worker().incarnation(), event.text());
    }
  }

  private synchronized void over(ParameterServerException cause) {
    lost = cause;
    ready.completeExceptionally(cause);
    begun.completeExceptionally(cause);
    started.completeExceptionally(cause);
    promoted.completeExceptionally(cause);
    pulled.completeExceptionally(cause);
    pulledTable.completeExceptionally(cause);
    saving.completeExceptionally(cause);
    closed.complete(null);
  }

  /** Hears from the server, on the connection's thread. */
  private final class Receiver implements ClientConnection.Events {
    @Override
    public void ready() {
      ready.complete(null);
    }

    @Override
    public Floats target(Values header, int length) {
      synchronized (RemoteServer.this) {
        int bucket = header.bucket();
        boolean isThere = bucket >= 0 && bucket < run.buckets().count() && share.owns(bucket);
        float[] into = header.version() == Values.ASKED_FOR ? values : evaluated;
        if (!isThere || into == null || length != run.buckets().length(bucket)) {
          throw new WireException("values of bucket %d were not asked for".formatted(bucket));
        }
        return new Floats(into, share.offset(run.buckets(), bucket), length);
      }
    }

    @Override
    public void received(Message message) {
      if (message instanceof Status news) {
        heard(news);
      } else if (message instanceof WorkerEvent event) {
        happened(event);
      } else if (message instanceof Reduced reduced) {
        listener.reduced(reduced.key(), reduced.vector());
      } else if (message instanceof Norms news) {
        listener.measured(news);
      } else if (message instanceof Values v) {
        arrived(v);
      } else if (message instanceof PushRows piece) {
        arrived(piece);
      } else if (message instanceof Begun answer) {
        begun(answer);
      } else if (message instanceof Saved answer) {
        saved(answer);
      } else if (message instanceof Refused refused) {
        stopped(new ParameterServerException(refused.reason(), refused.text()));
      } else {
        throw new WireException("a server does not send its driver " + message.type());
      }
    }

    /** The answer to BEGIN, or to PROMOTE. */
    private void begun(Begun answer) {
      if (!begun.complete(answer)) {
        term = answer.term();
        promoted.complete(answer);
      }
    }

    private void stopped(ParameterServerException cause) {
      if (started.isDone()) {
        listener.aborted(cause);
      } else {
        over(cause);
      }
    }

    @Override
    public void writabilityChanged() {
      // what is sent here is little, or sent once
    }

    @Override
    public void closed(ParameterServerException cause) {
      if (!closing && started.isDone()) {
        listener.aborted(cause);
      }
      over(cause);
    }
  }
}
