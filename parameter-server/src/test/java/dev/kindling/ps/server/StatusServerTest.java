package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d%s".formatted(status.port(), path)));
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
          .contains("kindling_worker_staleness{worker=\"a \\\"quoted\\\" \\\\ worker\"} 4");
    }
  }

  private void shardsHear(Worker worker) {
    server.shards().report(new WorkerProgress(worker, STEPS - 4, 1, 2, 3));
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

  @Test
  void aTakenPortIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> new StatusServer(server, metrics, "127.0.0.1", status.port()))
        .isInstanceOf(ParameterServerException.class)
        .hasMessageContaining(":" + status.port());
  }
}
