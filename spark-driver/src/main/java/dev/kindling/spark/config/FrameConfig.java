package dev.kindling.spark.config;

import dev.kindling.data.Normalisation;
import dev.kindling.data.table.Column;
import dev.kindling.spark.data.BadRows;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of {@code data} that say what a DataFrame's columns are to a network.
 *
 * @param testPath rows to evaluate on; none where it is not set
 * @param options of Spark's reader, e.g. {@code header: true}
 * @param select expressions of SQL that make the columns, e.g. {@code price / 1000 AS price}; the
 *     columns as they are read where it is empty
 * @param features columns that the network reads: names, or {@code number}, {@code one_hot} or
 *     {@code index} with their arguments
 * @param label the column to predict, or several
 * @param shape of a row's features; a vector where it is not set
 * @param weight the column that says how much a row counts
 * @param group the column that says whose a row is
 * @param badRows rows that may be skipped; 0, the default, fails at the first
 */
public record FrameConfig(
    Optional<String> testPath,
    Map<String, String> options,
    List<String> select,
    List<Column> features,
    List<Column> label,
    List<Integer> shape,
    Optional<String> weight,
    Optional<String> group,
    BadRows badRows) {

  static FrameConfig of(Section section) {
    return new FrameConfig(
        section.text("test_path"),
        options(section),
        section.texts("select", List.of()),
        columns(section, "features", List.of(Column.number("features"))),
        columns(section, "label", List.of(Column.number("label"))),
        section.wholes("shape", List.of()),
        section.text("weight"),
        section.text("group"),
        badRows(section));
  }

  private static Map<String, String> options(Section section) {
    Map<String, String> options = new LinkedHashMap<>();
    section
        .find("options")
        .ifPresent(
            written ->
                written
                    .keys()
                    .forEach((key, value) -> options.put(key, String.valueOf(value.plain()))));
    return options;
  }

  private static List<Column> columns(Section section, String key, List<Column> defaultValue) {
    Optional<Written> written = section.find(key);
    if (written.isEmpty()) {
      return defaultValue;
    }
    List<Written> items = written.get().isList() ? written.get().items() : List.of(written.get());
    List<Column> columns = new ArrayList<>();
    items.forEach(item -> columns.add(column(key, item)));
    return List.copyOf(columns);
  }

  private static Column column(String key, Written item) {
    try {
      return item.isMap()
          ? Column.of(Spec.read("data." + key, item.plain()))
          : Column.number(String.valueOf(item.plain()));
    } catch (SpecException e) {
      throw new ConfigException(item.where() + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(item.where() + ": " + e.getMessage(), e);
    }
  }

  private static BadRows badRows(Section section) {
    Optional<Written> written = section.find("bad_rows");
    if (written.isPresent() && written.get().isMap()) {
      Section policy = section.section("bad_rows");
      BadRows rows = BadRows.skip(policy.atLeast(0, "skip", 0));
      policy.end();
      return rows;
    }
    section.choice("bad_rows", "fail", List.of("fail"));
    return BadRows.fail();
  }

  /** What a DataFrame of such columns is to a network. */
  public DataSpec spec(Normalisation formula) {
    return new DataSpec(
        features,
        label,
        shape.isEmpty() ? Optional.empty() : Optional.of(shape),
        formula,
        weight,
        group,
        badRows);
  }

  void write(Map<String, Object> map) {
    testPath.ifPresent(path -> map.put("test_path", path));
    if (!options.isEmpty()) {
      map.put("options", options);
    }
    if (!select.isEmpty()) {
      map.put("select", select);
    }
    map.put("features", written(features));
    map.put("label", written(label));
    if (!shape.isEmpty()) {
      map.put("shape", shape);
    }
    weight.ifPresent(column -> map.put("weight", column));
    group.ifPresent(column -> map.put("group", column));
    if (badRows.most() > 0) {
      map.put("bad_rows", Map.of("skip", badRows.most()));
    }
  }

  private static List<Object> written(List<Column> columns) {
    return columns.stream()
        .map(c -> c.equals(Column.number(c.name())) ? c.name() : c.toSpec().written())
        .toList();
  }
}
