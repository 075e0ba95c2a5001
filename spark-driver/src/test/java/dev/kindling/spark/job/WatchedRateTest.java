package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.spark.job.ServerOptions.Placement;
import dev.kindling.spark.metrics.MetricsFile;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.spark.metrics.TensorBoardFile;
import dev.kindling.spark.ui.TrainingEvent;
import dev.kindling.spark.ui.TrainingReporter;
import dev.kindling.spec.Spec;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rate that a metric has made smaller is what all files and the Training tab tell, wherever the
 * parameters are, and after a resumption; all places tell of their checkpoints.
 */
class WatchedRateTest {
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static final Secret SECRET = Secret.of("known to both of them", "the test");
  private static final double LR = 0.01;
  private static final int STEPS = 5;
  private static JavaSparkContext spark;

  @TempDir private Path folder;
  private final TreeSet<Long> checkpoints = new TreeSet<>();
  private final List<JsonNode> posted = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("rates")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  /** No value is good enough: the rate falls at the end of every epoch. */
  private static TrainingConfig training(int epochs, String metric) {
    Schedule falling =
        Schedule.of(
            Spec.of("ReduceLROnPlateau")
                .with("metric", metric, null)
                .with("patience", 0, null)
                .with("threshold", 5, null)
                .with("factor", 0.5, null));
    return new TrainingConfig(
        new Sequential(new Flatten(), new Linear(784, 10)),
        new CrossEntropyLoss(),
        new Adam(LR),
        falling,
        60,
        epochs,
        2,
        1);
  }

  private static ServerOptions at(List<StandaloneServer> servers) {
    List<Address> addresses =
        servers.stream().map(server -> new Address("127.0.0.1", server.port())).toList();
    return servers.isEmpty()
        ? ServerOptions.inDriver(Transport.AUTO, 0)
        : new ServerOptions(
            new Synchronous(),
            NonFinite.ABORT,
            Placement.EXTERNAL,
            0,
            Transport.SOCKET,
            0,
            addresses,
            List.of(),
            Optional.of(SECRET),
            Optional.empty(),
            Optional.empty());
  }

  private void train(int epochs, String metric, boolean isResumed, ServerOptions servers)
      throws Exception {
    RunDirectory directory = new RunDirectory(folder.resolve("run"));
    Checkpointing kept =
        new Checkpointing(new LocalCheckpointStore(directory.checkpoints()), 1, 2, isResumed);
    JobOptions options = new JobOptions("watched", 2, 2, 0, 60, servers, Optional.of(kept));
    TrainingListener ear =
        new TrainingListener() {
          @Override
          public void checkpointWritten(long step) {
            checkpoints.add(step);
          }
        };
    SparkListener bus =
        new SparkListener() {
          @Override
          public void onOtherEvent(SparkListenerEvent event) {
            if (event instanceof TrainingEvent told) {
              posted.add(json(told.values()).put("kind", told.kind()));
            }
          }
        };
    spark.sc().addSparkListener(bus);
    try {
      new TrainingJob(
              spark,
              training(epochs, metric),
              options,
              List.of(
                  new MetricsFile(directory),
                  new TensorBoardFile(directory),
                  TrainingReporter.of(spark.sc(), Map.of()),
                  ear))
          .run(
              DatasetRows.drawn(spark, () -> SyntheticDigits.train(PIXELS).range(0, 60 * STEPS)),
              Optional.of(
                  DatasetRows.drawn(spark, () -> SyntheticDigits.test(PIXELS).range(0, 40))));
      spark.sc().listenerBus().waitUntilEmpty();
    } finally {
      spark.sc().removeSparkListener(bus);
    }
  }

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, test_loss", "2, test_loss", "2, train_loss"})
  void everyoneTellsTheRateThatTheMetricHasMade(int servers, String metric) throws Exception {
    List<StandaloneServer> started =
        IntStream.range(0, servers)
            .mapToObj(
                i ->
                    new StandaloneServer(
                        SECRET,
                        "127.0.0.1",
                        0,
                        2,
                        null,
                        Optional.of(CheckpointStores.below(folder.resolve("server-" + i)))))
            .toList();
    try {
      train(2, metric, false, at(started));
      train(4, metric, true, at(started));
    } finally {
      started.forEach(StandaloneServer::close);
    }
    List<Double> rates = List.of(LR, LR / 2, LR / 4, LR / 8);
    assertThat(inMetricsFile()).containsExactlyElementsOf(rates);
    assertThat(inTensorBoard())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-8 ? 0 : Double.compare(a, b))
        .containsExactlyElementsOf(rates);
    // the epoch before the resumption is evaluated and told of a second time
    assertThat(inEvents("epoch")).containsExactly(LR, LR / 2, LR / 2, LR / 4, LR / 8);
    assertThat(rates).containsAll(inEvents("progress"));
    assertThat(checkpoints).contains((long) STEPS, 2L * STEPS, 3L * STEPS, 4L * STEPS);
  }

  /** What the schedule has seen is in the checkpoints of two processes. */
  @Test
  void theRateGoesOnWhereTheDriverTakesOver() throws Exception {
    CheckpointStores common = run -> new LocalCheckpointStore(folder.resolve("run/checkpoints"));
    List<StandaloneServer> two =
        IntStream.range(0, 2)
            .mapToObj(
                i -> new StandaloneServer(SECRET, "127.0.0.1", 0, 2, null, Optional.of(common)))
            .toList();
    try {
      train(2, "test_loss", false, at(two));
    } finally {
      two.forEach(StandaloneServer::close);
    }
    train(4, "test_loss", true, at(List.of()));
    assertThat(inMetricsFile()).containsExactly(LR, LR / 2, LR / 4, LR / 8);
  }

  private List<Double> inMetricsFile() throws IOException {
    return Files.readAllLines(folder.resolve("run/metrics.jsonl")).stream()
        .map(WatchedRateTest::json)
        .filter(line -> line.get("event").asText().equals("epoch"))
        .map(line -> line.get("lr").asDouble())
        .toList();
  }

  private List<Double> inEvents(String kind) {
    return posted.stream()
        .filter(event -> event.get("kind").asText().equals(kind))
        .map(event -> event.get("lr").asDouble())
        .toList();
  }

  /** After a scalar's tag stand the byte of its field, 0x15, and four bytes. */
  private List<Double> inTensorBoard() throws IOException {
    String tag = "optimizer/lr";
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(folder.resolve("run"), "events.out.tfevents.*")) {
      all.forEach(files::add);
    }
    files.sort(null);
    List<Double> rates = new ArrayList<>();
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      for (int at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
        int field = at + tag.length();
        if (bytes[field] == 0x15) {
          rates.add(
              (double)
                  ByteBuffer.wrap(bytes, field + 1, 4).order(ByteOrder.LITTLE_ENDIAN).getFloat());
        }
      }
    }
    return rates;
  }
}
