package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.transport.HttpPort;
import dev.kindling.ps.transport.HttpPort.Answer;
import java.io.IOException;
import java.util.Optional;

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
  private static final long CONNECTION_MILLIS = 10_000;

  private final Observed observed;
  private final HttpPort http;

  /** What is told. */
  public interface Observed {
    /** In a line what it does. */
    String state();

    /** Why it is of no use any more. */
    Optional<ParameterServerException> failure();

    /** In Prometheus's text format. */
    String metrics();
  }

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
    this(observed, host, port, CONNECTION_MILLIS);
  }

  /** The same where a connection lasts no longer than so many milliseconds. */
  StatusServer(Observed observed, String host, int port, long connectionMillis) {
    this.observed = observed;
    try {
      http = new HttpPort(host, port, connectionMillis, this::answer);
    } catch (IOException e) {
      throw new ParameterServerException(
          Reason.PORT,
          "health and metrics cannot be served on %s:%d: %s; choose another port, or 0 for any free one"
              .formatted(host, port, e.getMessage()),
          e);
    }
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

  /** The port it listens on. */
  public int port() {
    return http.port();
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
    http.close();
  }
}
