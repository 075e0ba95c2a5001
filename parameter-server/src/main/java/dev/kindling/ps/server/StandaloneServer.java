package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.transport.Caller;
import dev.kindling.ps.transport.DriverSession;
import dev.kindling.ps.transport.Reception;
import dev.kindling.ps.transport.RunConnections;
import dev.kindling.ps.transport.ServerTls;
import dev.kindling.ps.transport.ShardServer;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.WireException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A parameter server outside of Spark: waits for a driver that begins a run, holds the run's shards
 * while the driver's connection lasts, then waits for the next. One run at a time. Thread-safe.
 */
public final class StandaloneServer implements Reception, StatusServer.Observed, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneServer.class);
  private static final String RUN_ID = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";
  private static final long STATUS_MILLIS = 200;
  private static final long CHECKPOINT_SECONDS = 10;

  private final Secret secret;
  private final Optional<CheckpointStores> checkpoints;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(StandaloneServer::daemon);
  private final ShardServer socket;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private int starts;
  private volatile HostedRun current;

  /**
   * Starts to listen.
   *
   * @param host the local address to listen on
   * @param port 0 for any free one
   * @param shards threads that receive, add and apply
   * @param tls certificate and key; null for connections without TLS
   * @param checkpoints where they are kept, if they are
   * @throws ParameterServerException if the port is taken
   */
  public StandaloneServer(
      Secret secret,
      String host,
      int port,
      int shards,
      ServerTls tls,
      Optional<CheckpointStores> checkpoints) {
    this(secret, host, port, shards, tls, checkpoints, SocketOptions.defaults());
  }

  /** The same with other times and sizes. */
  StandaloneServer(
      Secret secret,
      String host,
      int port,
      int shards,
      ServerTls tls,
      Optional<CheckpointStores> checkpoints,
      SocketOptions options) {
    this.secret = secret;
    this.checkpoints = checkpoints;
    socket = new ShardServer(this, secret, host, port, shards, options, tls);
    thread.scheduleWithFixedDelay(this::tell, STATUS_MILLIS, STATUS_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "kindling-runs");
    thread.setDaemon(true);
    return thread;
  }

  /** The port it listens on. */
  public int port() {
    return socket.port();
  }

  private void tell() {
    HostedRun run = current;
    if (run != null) {
      run.tell();
    }
  }

  @Override
  public RunConnections run(String id) {
    HostedRun run = current;
    if (run == null || !run.id().equals(id)) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "a worker belongs to run %s; this server trains %s"
              .formatted(id, run == null ? "none" : "run " + run.id()));
    }
    return run.connections();
  }

  @Override
  public synchronized DriverSession begin(Begin begin, Caller caller) {
    String id = begin.run().id();
    if (!id.matches(RUN_ID)) {
      throw new WireException("'%s' cannot be the name of a run".formatted(id));
    }
    if (isClosed.get()) {
      throw new ParameterServerException(
          Reason.UNREACHABLE,
          "the parameter server is being stopped: run %s cannot begin".formatted(id));
    }
    HostedRun before = current;
    if (before != null && !before.isOver()) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "this server trains run %s, whose driver is connected still; wait for its end, or start another server"
              .formatted(before.id()));
    }
    HostedRun run = new HostedRun(begin, caller, secret, checkpoints, thread);
    current = run;
    int term = ++starts;
    thread.execute(() -> prepare(run, term));
    return run;
  }

  private static void prepare(HostedRun run, int term) {
    try {
      run.prepare(term);
      LOG.info("run {} begins", run.id());
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      run.cannotGoOn(e);
    }
  }

  @Override
  public Optional<ParameterServerException> failure() {
    HostedRun run = current;
    return run == null || run.isOver() ? Optional.empty() : run.metrics().failure();
  }

  @Override
  public String state() {
    HostedRun run = current;
    ParameterServer server = run == null || run.isOver() ? null : run.server();
    return server == null
        ? "waiting for a run"
        : "run %s, step %d".formatted(run.id(), server.version());
  }

  @Override
  public String metrics() {
    StringBuilder out = new StringBuilder();
    PrometheusText text = new PrometheusText(out);
    text.counter(
        "kindling_received_bytes_total",
        "Bytes of arrived frames.",
        socket.traffic().bytesReceived());
    text.counter(
        "kindling_sent_bytes_total", "Bytes of sent frames.", socket.traffic().bytesSent());
    text.gauge("kindling_connections", "Open connections.", socket.connections());
    text.gauge("kindling_queued_bytes", "Bytes that wait to leave.", socket.bytesWaiting());
    HostedRun run = current;
    ParameterServer server = run == null ? null : run.server();
    return server == null ? out.toString() : out + run.metrics().text(server);
  }

  /**
   * Stops: takes a checkpoint while workers still train, then tells everybody and lets go. Once; a
   * second call does nothing.
   */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    HostedRun run = current;
    if (run != null && !run.isOver()) {
      keep(run);
      run.stop("the parameter server is being stopped");
    }
    thread.execute(
        () -> {
          if (run != null) {
            run.end();
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("a checkpoint was not written within a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    socket.close();
  }

  private static void keep(HostedRun run) {
    try {
      long version = await(run.checkpoint(), run);
      LOG.info("run {}: checkpoint of step {}", run.id(), version);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("run {}: no checkpoint at the stop: {}", run.id(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for as long as there are workers, whose next steps it takes. */
  private static long await(Future<Long> checkpoint, HostedRun run)
      throws ExecutionException, TimeoutException, InterruptedException {
    long began = System.nanoTime();
    while (true) {
      try {
        return checkpoint.get(STATUS_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long spent = System.nanoTime() - began;
        if (!run.hasWorkers() || spent > TimeUnit.SECONDS.toNanos(CHECKPOINT_SECONDS)) {
          throw e;
        }
      }
    }
  }
}
