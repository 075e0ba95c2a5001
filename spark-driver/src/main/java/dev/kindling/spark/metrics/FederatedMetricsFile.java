package dev.kindling.spark.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.RoundResult;
import dev.kindling.spark.federated.FederatedListener;
import dev.kindling.spark.federated.RecordedRounds;
import dev.kindling.spark.federated.RoundReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes {@code metrics.jsonl} of a federated run: an object a round, with the numbers of the
 * clients that answered, from which the round can be repeated; with privacy without them and their
 * number, since the accountant counts on it that nobody knows who took part. Of a resumed run it
 * keeps the rounds that will not be computed again.
 */
public final class FederatedMetricsFile implements FederatedListener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROUND = "round";

  private final RunDirectory directory;
  private final List<Map<String, Object>> rounds = new ArrayList<>();
  private boolean isPrivate;

  /** The metrics of a run directory. */
  public FederatedMetricsFile(RunDirectory directory) {
    this.directory = directory;
  }

  @Override
  public void started(FederatedConfig config, int clients, long rows, int round) {
    isPrivate = config.clientPrivacy().isPresent();
    directory.lines(directory.metrics(), FederatedMetricsFile::read).stream()
        .filter(event -> MetricsFile.number(event, ROUND) <= round)
        .forEach(rounds::add);
    if (!rounds.isEmpty()) {
      directory.write(
          directory.metrics(),
          rounds.stream()
              .map(event -> MetricsFile.json(event) + "\n")
              .collect(Collectors.joining()));
    }
  }

  /**
   * Who answered in the rounds of a run.
   *
   * @throws IllegalArgumentException where it does not say
   */
  public static RecordedRounds recorded(RunDirectory directory) {
    SortedMap<Integer, int[]> rounds = new TreeMap<>();
    for (Map<String, Object> event :
        directory.lines(directory.metrics(), FederatedMetricsFile::read)) {
      if (event.get("answered") instanceof List<?> answered) {
        rounds.put(
            (int) MetricsFile.number(event, ROUND),
            answered.stream().mapToInt(client -> (Integer) client).toArray());
      }
    }
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException(
          directory.metrics()
              + " does not say who answered: give the directory of a federated run without privacy");
    }
    return new RecordedRounds(rounds);
  }

  private static Map<String, Object> read(String line) {
    try {
      return JSON.readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      return Map.of(); // torn by a crash: its round will be written again
    }
  }

  @Override
  public void roundEnded(RoundReport report) {
    RoundResult result = report.result();
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", ROUND);
    event.put(ROUND, result.round());
    if (!isPrivate) {
      event.put("asked", result.asked());
      event.put("answered", result.answered());
      if (!result.failed().isEmpty()) {
        event.put("failed", result.failed().keySet());
      }
    }
    if (result.train().count() > 0) {
      event.put("train_loss", result.train().loss());
      event.put("train_accuracy", result.train().accuracy());
    }
    if (report.test().count() > 0) {
      event.put("test_loss", report.test().loss());
      event.put("test_accuracy", report.test().accuracy());
    }
    if (result.epsilon() > 0) {
      event.put("epsilon", result.epsilon());
    }
    event.put("seconds", report.seconds());
    directory.append(directory.metrics(), MetricsFile.json(event));
    rounds.add(event);
  }

  /** The run cannot go on: its parameters are no numbers. */
  public void diverged(String reason) {
    directory.append(
        directory.metrics(),
        MetricsFile.json(MetricsFile.event(RunCurve.DIVERGED, "reason", reason)));
  }

  /** Writes the last round's figures and the hash of the parameters. */
  public void writeSummary(RunSummary parameters) {
    Map<String, Object> last = rounds.isEmpty() ? Map.of() : rounds.get(rounds.size() - 1);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("test_accuracy", last.get("test_accuracy"));
    summary.put("test_loss", last.get("test_loss"));
    summary.put("rounds", last.get(ROUND));
    summary.put("epsilon", last.get("epsilon"));
    summary.put(
        "train_seconds", rounds.stream().mapToDouble(r -> MetricsFile.number(r, "seconds")).sum());
    summary.put("parameters", parameters.parameters());
    summary.put("parameters_sha256", parameters.sha256());
    directory.write(directory.summary(), MetricsFile.json(summary) + "\n");
  }
}
