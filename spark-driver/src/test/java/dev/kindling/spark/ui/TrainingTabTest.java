package dev.kindling.spark.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Span;
import dev.kindling.optim.StepLR;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.ServerOptions;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.history.FsHistoryProvider;
import org.apache.spark.deploy.history.HistoryServer;
import org.apache.spark.deploy.history.HistoryServer$;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Training tab during a real run, and the same run in the History Server. Pictures of both go
 * to {@code target/training-tab}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingTabTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static final Secret SECRET = Secret.of("known to both of them", "the test");
  private static final Path PICTURES = Path.of("target", "training-tab").toAbsolutePath();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Optional<Path> program = Browser.find();
  private String livePage;
  private JsonNode liveEvents;
  private String drawnLive;
  private String historyTab;
  private String historyPage;
  private JsonNode historyEvents;
  private String drawnHistory;
  private HistoryServer history;

  @BeforeAll
  void lookAtARunAndAtItsHistory(@TempDir Path folder) throws Exception {
    Files.createDirectories(PICTURES);
    Path log = Files.createDirectory(folder.resolve("log"));
    SparkConf conf = configuration(log);
    String application;
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      application = spark.sc().applicationId();
      lookAtARun(spark, folder);
    }
    lookAtItsHistory(conf, application, folder);
  }

  private static SparkConf configuration(Path log) {
    return new SparkConf()
        .setMaster("local[2]")
        .setAppName("digits")
        .set("spark.ui.enabled", "true")
        .set("spark.ui.port", "0")
        .set("spark.driver.host", "localhost")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.eventLog.enabled", "true")
        .set("spark.eventLog.dir", log.toUri().toString())
        .set("spark.history.fs.logDirectory", log.toUri().toString());
  }

  private void lookAtARun(JavaSparkContext spark, Path folder) throws Exception {
    TrainingReporter reporter =
        TrainingReporter.of(spark.sc(), Map.of("config.yaml", "train: {epochs: 100000}\n"));
    List<StandaloneServer> servers =
        Stream.of("first", "second").map(name -> server(folder.resolve(name))).toList();
    JobOptions options =
        new JobOptions(
            "tab",
            2,
            2,
            0,
            60,
            at(servers),
            Optional.of(
                new JobOptions.Checkpointing(
                    new LocalCheckpointStore(folder.resolve("checkpoints")), 5, 2, false)));
    TrainingJob job =
        new TrainingJob(spark, training(), options, List.of(reporter)).evaluatingEvery(50);
    CompletableFuture<float[]> run =
        CompletableFuture.supplyAsync(
            () ->
                job.run(
                    DatasetRows.drawn(spark, () -> SyntheticDigits.train(PIXELS).range(0, 3000)),
                    Optional.of(
                        DatasetRows.drawn(
                            spark, () -> SyntheticDigits.test(PIXELS).range(0, 500)))));
    try {
      String tab = spark.sc().uiWebUrl().get() + "/training/";
      await("progress, epochs and a checkpoint")
          .atMost(Duration.ofMinutes(5))
          .until(
              () ->
                  run.isDone()
                      || count(events(tab), "progress") > 3
                          && count(events(tab), "epoch") > 6
                          && count(events(tab), "checkpoint") > 0
                          && hasAdvice(events(tab)));
      livePage = get(tab);
      liveEvents = events(tab);
      drawnLive = draw(tab, "live.png", folder);
      for (int i = 0; i < 5 && !drawnLive.isEmpty() && !drawnLive.contains(">straggler<"); i++) {
        drawnLive = draw(tab, "live.png", folder); // a busy machine made no step in a second
      }
    } finally {
      job.interrupt();
      assertThatThrownBy(run::join).hasCauseInstanceOf(TrainingException.class);
      servers.forEach(StandaloneServer::close);
    }
  }

  private static StandaloneServer server(Path kept) {
    return new StandaloneServer(
        SECRET, "127.0.0.1", 0, 2, null, Optional.of(CheckpointStores.below(kept)));
  }

  private static ServerOptions at(List<StandaloneServer> servers) {
    return new ServerOptions(
        new Synchronous(),
        NonFinite.ABORT,
        ServerOptions.Placement.EXTERNAL,
        0,
        Transport.SOCKET,
        0,
        servers.stream().map(server -> new Address("127.0.0.1", server.port())).toList(),
        List.of(),
        Optional.of(SECRET),
        Optional.empty(),
        Optional.empty());
  }

  /** The loss of a worker that has something else to do in every step. */
  private static final class SlowOfWorker0 implements Loss {
    private static final long serialVersionUID = 1L;
    private static final long NANOS = 10_000_000;

    @Override
    public Tensor perSample(Tensor output, Targets target) {
      return new CrossEntropyLoss().perSample(output, target);
    }

    @Override
    public double weight(Targets target) {
      TaskContext task = TaskContext.get();
      if (task != null && task.partitionId() == 0) {
        long end = System.nanoTime() + NANOS;
        for (long left = NANOS; left > 0; left = end - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
      }
      return target.count();
    }

    @Override
    public Spec toSpec() {
      return Spec.of("CrossEntropyLoss");
    }
  }

  private static boolean hasAdvice(JsonNode answer) {
    return of(answer, "epoch").stream()
        .anyMatch(epoch -> !epoch.at("/values/batchAdvice").isNull());
  }

  private void lookAtItsHistory(SparkConf conf, String application, Path folder) throws Exception {
    history =
        new HistoryServer(
            conf,
            new FsHistoryProvider(conf),
            HistoryServer$.MODULE$.createSecurityManager(conf),
            0);
    history.initialize();
    history.bind();
    historyTab =
        "http://localhost:" + history.boundPort() + "/history/" + application + "/training/";
    await("the history").atMost(Duration.ofMinutes(5)).until(() -> status(historyTab) == 200);
    historyPage = get(historyTab);
    historyEvents = events(historyTab);
    drawnHistory = draw(historyTab, "history.png", folder);
  }

  private String draw(String tab, String picture, Path folder) throws Exception {
    if (program.isEmpty()) {
      return "";
    }
    return new Browser(program.get(), folder).page(tab, PICTURES.resolve(picture));
  }

  private static TrainingConfig training() {
    return new TrainingConfig(
        new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10)),
        new SlowOfWorker0(),
        new Adam(0.0003),
        new StepLR(Span.epochs(4), 0.5),
        64,
        100_000,
        4,
        1);
  }

  private HttpResponse<String> ask(String address) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private int status(String address) throws IOException, InterruptedException {
    return ask(address).statusCode();
  }

  private String get(String address) throws IOException, InterruptedException {
    HttpResponse<String> answer = ask(address);
    assertThat(answer.statusCode()).as(address).isEqualTo(200);
    return answer.body();
  }

  private JsonNode events(String tab) throws IOException, InterruptedException {
    return JSON.readTree(get(tab + "live/events?from=0"));
  }

  private static long count(JsonNode events, String kind) {
    return of(events, kind).size();
  }

  private static List<JsonNode> of(JsonNode answer, String kind) {
    return answer.get("events").findParents("kind").stream()
        .filter(event -> event.get("kind").asText().equals(kind))
        .toList();
  }

  @AfterAll
  void stop() {
    if (history != null) {
      history.stop();
    }
  }

  @Test
  void theTabStandsInTheHeaderOfTheUi() {
    assertThat(livePage).contains("/training/\"", ">Training<", "training.js", "training.css");
    assertThat(historyPage).contains(">Training<", "training.js");
  }

  @Test
  void theRunningApplicationTellsOfStepsEpochsWorkersAndCheckpoints() {
    assertThat(liveEvents.get("live").asBoolean()).isTrue();
    JsonNode started = of(liveEvents, "started").get(0).get("values");
    assertThat(started.get("layers")).hasSize(4);
    assertThat(started.get("parameters").asLong()).isEqualTo(784 * 64 + 64 + 64 * 10 + 10);
    List<JsonNode> told = of(liveEvents, "progress"); // in the first a server may have made no step
    JsonNode progress = told.get(told.size() - 1).get("values");
    assertThat(progress.get("workers")).hasSize(2);
    assertThat(progress.get("where").asText()).startsWith("servers at 127.0.0.1:");
    assertThat(progress.get("shards")).hasSize(2);
    for (JsonNode shard : progress.get("shards")) {
      assertThat(shard.get("where").asText()).startsWith("127.0.0.1:");
      assertThat(shard.get("buckets").asInt()).isEqualTo(4);
      assertThat(shard.get("version").asLong()).isPositive();
    }
    assertThat(of(liveEvents, "checkpoint")).isNotEmpty();
    assertThat(progress.get("loss").asDouble()).isPositive();
    JsonNode epoch = of(liveEvents, "epoch").get(0).get("values");
    assertThat(epoch.get("epoch").asInt()).isEqualTo(1);
    assertThat(epoch.get("lr").asDouble()).isEqualTo(0.0003);
    assertThat(epoch.get("split")).hasSize(6);
    assertThat(epoch.at("/metrics/f1_macro").asDouble()).isBetween(0.0, 1.0);
    assertThat(epoch.get("confusion")).hasSize(10);
    assertThat(of(liveEvents, "evaluation").get(0).at("/values/step").asInt()).isEqualTo(50);
    assertThat(of(liveEvents, "epoch"))
        .anySatisfy(
            epochs ->
                assertThat(epochs.at("/values/batchAdvice").asText())
                    .matches("gradient noise scale [0-9,]+ rows: batch 64 takes .*"));
  }

  @Test
  void theHistoryServerTellsTheSameAndHowItEnded() {
    assertThat(historyEvents.get("live").asBoolean()).isFalse();
    for (int i = 0; i < liveEvents.get("events").size(); i++) {
      assertThat(historyEvents.get("events").get(i)).isEqualTo(liveEvents.get("events").get(i));
    }
    assertThat(of(historyEvents, "ended").get(0).at("/values/outcome").asText())
        .startsWith("interrupted");
  }

  @Test
  void aQuestionThatMakesNoSenseIsRefused() throws Exception {
    assertThat(status(historyTab + "live/events?from=-1")).isEqualTo(400);
    assertThat(status(historyTab + "live/events")).isEqualTo(400);
    assertThat(status(historyTab + "live/TrainingTab.class")).isEqualTo(404);
  }

  @Test
  void nothingComesFromTheInternet() throws IOException {
    for (String file : List.of("training.js", "training.css")) {
      String text =
          new String(
              TrainingTab.class.getResourceAsStream(file).readAllBytes(),
              java.nio.charset.StandardCharsets.UTF_8);
      assertThat(text.replace("http://www.w3.org/2000/svg", "")).doesNotContain("://", "@import");
    }
  }

  @Test
  void chromiumDrawsTheRunAndItsHistory() {
    assumeTrue(program.isPresent(), "no chromium on the PATH: the page is not drawn");
    for (String drawn : List.of(drawnLive, drawnHistory)) {
      assertThat(drawn)
          .contains("data-ready=\"true\"", "data-chart=\"Loss\"", "data-chart=\"Accuracy\"")
          .contains("data-chart=\"Samples a second\"", "data-chart=\"Learning rate\"")
          .contains("data-chart=\"Metrics of the test rows\"", "id=\"confusion\"")
          .contains("noise scale, rows", "data-chart=\"Gradient noise scale\"")
          .contains("Step time by part", "worker 0 (executor driver", "Checkpoints", "config.yaml");
      assertThat(drawn.split("<path ", -1)).as("curves").hasSizeGreaterThan(6);
    }
    assertThat(drawnLive)
        .contains("id=\"shards\"", "id=\"model\"", "id=\"checkpoints\"")
        .containsPattern("id=\"shards\".*>127.0.0.1:[0-9]+</td>.*>127.0.0.1:[0-9]+</td>")
        .containsPattern(
            "id=\"model\".*>Linear\\(in=784, out=64\\)</td>.*>50,240</td>.*>ReLU\\(\\)</td>.*>650</td>")
        .containsPattern("worker 0 \\(executor driver[^<]*</td>((?!</tr>).)*>straggler<")
        .doesNotContainPattern("worker 1 \\(executor driver[^<]*</td>((?!</tr>).)*>straggler<")
        .doesNotContain("none yet");
    assertThat(drawnLive).contains(">training</span>");
    assertThat(drawnHistory).contains("interrupted");
    assertThat(PICTURES.resolve("live.png")).isNotEmptyFile();
  }
}
