package dev.kindling.ps.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Health and metrics of a parameter server over HTTP, to be read by anybody who reaches the port:
 * {@code GET /health} answers 200, or 503 with the reason once the run was stopped; {@code GET
 * /metrics} answers in Prometheus's text format. Thread-safe.
 */
public final class StatusServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final Observed observed;
  private final HttpServer http;
  private final ExecutorService thread = Executors.newSingleThreadExecutor(StatusServer::daemon);

  /** What is told. */
  public interface Observed {
    /** In a line what it does. */
    String state();

    /** Why it is of no use any more. */
    Optional<ParameterServerException> failure();

    /** In Prometheus's text format. */
    String metrics();
  }

  /** What is sent. */
  private record Answer(int status, String text) {}

  /**
   * Starts to listen.
   *
   * @param metrics a listener of the server
   * @param host the local address to listen on
   * @param port 0 for any free one
   * @throws ParameterServerException if the port is taken
   */
  public StatusServer(ParameterServer server, RunMetrics metrics, String host, int port) {
    this(new OneRun(server, metrics), host, port);
  }

  /** The same for anything that can be observed. */
  public StatusServer(Observed observed, String host, int port) {
    this.observed = observed;
    try {
      http = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (IOException e) {
      throw new ParameterServerException(
          Reason.PORT,
          "health and metrics cannot be served on %s:%d: %s; choose another port, or 0 for any free one"
              .formatted(host, port, e.getMessage()),
          e);
    }
    http.createContext("/", this::answer);
    http.setExecutor(thread);
    http.start();
  }

  private record OneRun(ParameterServer server, RunMetrics run) implements Observed {
    @Override
    public String state() {
      return "step " + server.version();
    }

    @Override
    public Optional<ParameterServerException> failure() {
      return run.failure();
    }

    @Override
    public String metrics() {
      return run.text(server);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread daemon = new Thread(task, "kindling-status");
    daemon.setDaemon(true);
    return daemon;
  }

  /** The port it listens on. */
  public int port() {
    return http.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answer(exchange.getRequestMethod(), exchange.getRequestURI().getPath());
      byte[] body = answer.text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(answer.status, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private Answer answer(String method, String path) {
    if (!method.equals("GET")) {
      return new Answer(METHOD_NOT_ALLOWED, "only GET\n");
    }
    return switch (path) {
      case "/health" -> health();
      case "/metrics" -> new Answer(OK, observed.metrics());
      default -> new Answer(NOT_FOUND, "there are /health and /metrics\n");
    };
  }

  private Answer health() {
    return observed
        .failure()
        .map(cause -> new Answer(UNAVAILABLE, cause.getMessage() + "\n"))
        .orElseGet(() -> new Answer(OK, observed.state() + "\n"));
  }

  @Override
  public void close() {
    http.stop(0);
    thread.shutdownNow();
  }
}
