package dev.kindling.ps.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusServerTest {
  private static final int STEPS = 7;
  private static final long STEP_NANOS = 3_000_000;

  private final FakeTraining training = new FakeTraining(1_001, 4);
  private final AtomicLong time = new AtomicLong();
  private final RunMetrics metrics = new RunMetrics(() -> time.getAndAdd(STEP_NANOS));
  private final ParameterServer server =
      ParameterServer.of(training.run("status", STEPS), training.initial())
          .listener(metrics)
          .start();
  private final StatusServer status = new StatusServer(server, metrics, "127.0.0.1", 0);

  @AfterEach
  void close() {
    status.close();
    server.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  private HttpRequest.Builder request(String path) {
    return request(status, path);
  }

  private static HttpRequest.Builder request(StatusServer server, String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void tellsStepsAndTheirTimes() throws Exception {
    FakeWorkers.run(training, server.location(), 2, 1, STEPS);
    assertThat(get("/health").body()).isEqualTo("step 7\n");
    HttpResponse<String> answer = get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body().lines())
        .contains(
            "# TYPE kindling_step_seconds histogram",
            "kindling_version 7",
            "kindling_skipped_steps_total 0",
            "kindling_worker_starts_total 1",
            "kindling_step_seconds_bucket{le=\"0.0025\"} 0",
            "kindling_step_seconds_bucket{le=\"0.005\"} 7",
            "kindling_step_seconds_bucket{le=\"+Inf\"} 7",
            "kindling_step_seconds_count 7");
    assertThat(answer.body()).containsPattern("kindling_step_seconds_sum 0\\.021");
  }

  @Test
  void tellsHowFarEachWorkerIsBehind() throws Exception {
    FakeWorkers.run(training, server.location(), 1, 1, STEPS);
    Worker odd = new Worker("a \"quoted\" \\ worker", 0, 4, 2);
    try (ParameterClient client = ParameterClients.open(server.location(), odd)) {
      client.join();
      shardsHear(odd);
      assertThat(get("/metrics").body().lines())
          .contains("kindling_worker_behind{worker=\"a \\\"quoted\\\" \\\\ worker\"} 4");
    }
  }

  private void shardsHear(Worker worker) {
    server.shards().report(new WorkerProgress(worker, STEPS - 4, 1, 2, 3));
  }

  /** Half of the replicas have brought a step: it waits for the others, and so do these. */
  @Test
  void tellsWhatHasComeAndIsNotApplied() throws Exception {
    int buckets = server.location().buckets().count();
    assertThat(get("/metrics").body().lines()).contains("kindling_waiting_gradients 0");
    try (ParameterClient half =
            ParameterClients.open(server.location(), new Worker("half", 0, 2, 1));
        ParameterClient rest =
            ParameterClients.open(server.location(), new Worker("rest", 2, 4, 1))) {
      half.join();
      rest.join();
      training.new Pusher(0, 2).step(0, half.values(0), half);
      assertThat(get("/metrics").body().lines())
          .contains("kindling_waiting_gradients " + 2 * buckets);
      training.new Pusher(2, 4).step(0, rest.values(0), rest);
      assertThat(get("/metrics").body().lines()).contains("kindling_waiting_gradients 0");
    }
  }

  @Test
  void tellsHowLongPushesWaitForTheirValues() throws Exception {
    metrics.answered(STEP_NANOS);
    metrics.answered(2 * STEP_NANOS);
    assertThat(get("/metrics").body().lines())
        .contains(
            "# TYPE kindling_push_to_values_seconds histogram",
            "kindling_push_to_values_seconds_bucket{le=\"0.0025\"} 0",
            "kindling_push_to_values_seconds_bucket{le=\"0.005\"} 1",
            "kindling_push_to_values_seconds_bucket{le=\"0.01\"} 2",
            "kindling_push_to_values_seconds_count 2");
  }

  @Test
  void saysWhyARunWasStopped() throws Exception {
    server.abort("the disk is full");
    HttpResponse<String> answer = get("/health");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("the disk is full\n");
  }

  @Test
  void answersNothingElse() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(send(request("/metrics").POST(BodyPublishers.ofString("x"))).statusCode())
        .isEqualTo(405);
  }

  /** Dripping and silent clients, more than the port keeps, while /health is asked. */
  @Test
  void nobodyCanHoldThePort() throws Exception {
    StatusServer.Observed observed =
        new StatusServer.Observed() {
          @Override
          public String state() {
            return "well";
          }

          @Override
          public Optional<ParameterServerException> failure() {
            return Optional.empty();
          }

          @Override
          public String metrics() {
            return "";
          }
        };
    List<Socket> attackers = new ArrayList<>();
    try (StatusServer besieged = new StatusServer(observed, "127.0.0.1", 0, 4_000)) {
      for (int i = 0; i < 300; i++) {
        Socket attacker = new Socket("127.0.0.1", besieged.port());
        attackers.add(attacker);
        if (i % 3 > 0) {
          attacker.getOutputStream().write("GET /he".getBytes(US_ASCII), 0, i % 3 == 1 ? 7 : 1);
        }
        if (i % 50 == 0) {
          assertThat(send(request(besieged, "/health").GET()).body()).isEqualTo("well\n");
        }
      }
      Socket dripping = attackers.get(attackers.size() - 1);
      assertThat(send(request(besieged, "/health").GET()).body()).isEqualTo("well\n");
      assertThat(dripUntilClosed(dripping)).isTrue();
      for (Socket attacker : attackers) {
        assertEnds(attacker);
      }
      assertThat(send(request(besieged, "/health").GET()).body()).isEqualTo("well\n");
    } finally {
      for (Socket attacker : attackers) {
        attacker.close();
      }
    }
  }

  /** One byte after the other: it is the whole request that has to come in time. */
  private static boolean dripUntilClosed(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    boolean isOpen = true;
    for (int bytes = 0; isOpen && bytes < 3_000; bytes++) {
      try {
        socket.getOutputStream().write('a');
        isOpen = socket.getInputStream().read() >= 0;
      } catch (SocketTimeoutException silent) {
        isOpen = true;
      } catch (SocketException closed) {
        isOpen = false;
      }
    }
    return !isOpen;
  }

  private static void assertEnds(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    try (InputStream in = socket.getInputStream()) {
      in.readAllBytes();
    } catch (SocketException reset) {
      assertThat(reset).hasMessageMatching(".*(reset|closed|Broken).*");
    }
  }

  @Test
  void whatIsNoRequestIsTurnedAway() throws Exception {
    for (String request :
        List.of(
            "GET /" + "x".repeat(2_000) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\na: " + "y".repeat(10_000) + "\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1000000000\r\nConnection: close\r\n\r\n")) {
      try (Socket socket = new Socket("127.0.0.1", status.port())) {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        assertEnds(socket);
      }
    }
    assertThat(get("/health").body()).isEqualTo("step 0\n");
  }

  @Test
  void aTakenPortIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> new StatusServer(server, metrics, "127.0.0.1", status.port()))
        .isInstanceOf(ParameterServerException.class)
        .hasMessageContaining(":" + status.port());
  }
}
