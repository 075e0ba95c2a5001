package dev.kindling.spark.metrics;

import dev.kindling.spark.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * When runs of a paper have reached their target, and which run each is measured by: lines of
 * {@code run,baseline,published}, the last of which may be empty. Immutable.
 *
 * @param runs by name
 */
public record PublishedFigures(Map<String, Figure> runs) {
  private static final String HEAD = "run,baseline,published";

  /**
   * What is published of a run.
   *
   * @param baseline name of the run that it is compared with
   * @param reached e.g. a round; empty where it is not told
   */
  public record Figure(String baseline, OptionalDouble reached) {}

  /** Of nothing. */
  public static PublishedFigures none() {
    return new PublishedFigures(Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException naming the line that is none
   */
  public static PublishedFigures read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.get(0).equals(HEAD)) {
      throw new ConfigException("%s: the first line must be: %s".formatted(file, HEAD));
    }
    Map<String, Figure> runs = new LinkedHashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",", -1);
      if (cells.length != 3 || !cells[2].matches("|\\d+(\\.\\d+)?")) {
        throw new ConfigException(
            "%s, line %d: '%s' is not %s, the last a number or nothing"
                .formatted(file, i + 1, lines.get(i), HEAD));
      }
      runs.put(
          cells[0],
          new Figure(
              cells[1],
              cells[2].isEmpty()
                  ? OptionalDouble.empty()
                  : OptionalDouble.of(Double.parseDouble(cells[2]))));
    }
    return new PublishedFigures(Map.copyOf(runs));
  }

  /** The names of a table's further columns; none of nothing. */
  public List<String> head() {
    return runs.isEmpty() ? List.of() : List.of("published", "speed_up", "published_speed_up");
  }

  /**
   * A run's further columns: what is published, and how many times sooner than its baseline it was
   * here and in the paper. Empty where it is not known.
   *
   * @param reached by name of the run
   */
  public List<String> row(String run, Map<String, OptionalDouble> reached) {
    if (runs.isEmpty()) {
      return List.of();
    }
    Figure figure = runs.getOrDefault(run, new Figure("", OptionalDouble.empty()));
    List<String> row = new ArrayList<>();
    row.add(figure.reached.isPresent() ? whole(figure.reached.getAsDouble()) : "");
    row.add(
        ratio(
            reached.getOrDefault(figure.baseline, OptionalDouble.empty()),
            reached.getOrDefault(run, OptionalDouble.empty())));
    row.add(
        ratio(
            runs.containsKey(figure.baseline)
                ? runs.get(figure.baseline).reached
                : OptionalDouble.empty(),
            figure.reached));
    return row;
  }

  private static String whole(double number) {
    return String.format(Locale.ROOT, "%.0f", number);
  }

  private static String ratio(OptionalDouble baseline, OptionalDouble run) {
    return baseline.isPresent() && run.isPresent()
        ? String.format(Locale.ROOT, "%.1f", baseline.getAsDouble() / run.getAsDouble())
        : "";
  }
}
