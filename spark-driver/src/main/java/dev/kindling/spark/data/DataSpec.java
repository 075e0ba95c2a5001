package dev.kindling.spark.data;

import dev.kindling.data.Normalisation;
import dev.kindling.data.Target;
import dev.kindling.data.table.Column;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which columns of a DataFrame a network reads and predicts, before anything of them is known.
 * Immutable.
 *
 * @param features in the order in which the network reads them; a column of arrays, vectors or
 *     bytes gives as many features as a cell has values
 * @param targets one column of labels, or columns of values
 * @param shape of a row's features, e.g. 1, 28, 28; a vector where it is empty
 * @param normalisation of all features, after what the columns ask for themselves
 * @param weight the column that says how much a row counts in the loss; each counts 1 without
 * @param group the column that says whose a row is, for training across clients
 * @param badRows what is done with rows that cannot be used
 */
public record DataSpec(
    List<Column> features,
    List<Column> targets,
    Optional<List<Integer>> shape,
    Normalisation normalisation,
    Optional<String> weight,
    Optional<String> group,
    BadRows badRows) {

  /** Copies the columns. */
  public DataSpec {
    features = List.copyOf(features);
    targets = List.copyOf(targets);
    shape = shape.map(List::copyOf);
    if (features.isEmpty() || targets.isEmpty()) {
      throw new IllegalArgumentException(
          "data: %d feature columns and %d targets; name at least one of each"
              .formatted(features.size(), targets.size()));
    }
  }

  /** Numbers of one or several columns, {@code label} to predict, everything else left open. */
  public static DataSpec of(String label, String... features) {
    return new DataSpec(
        Arrays.stream(features).map(Column::number).toList(),
        List.of(Column.number(label)),
        Optional.empty(),
        Normalisation.none(),
        Optional.empty(),
        Optional.empty(),
        BadRows.fail());
  }

  /** This with other feature columns. */
  public DataSpec withFeatures(Column... columns) {
    return new DataSpec(List.of(columns), targets, shape, normalisation, weight, group, badRows);
  }

  /** This with other target columns. */
  public DataSpec withTargets(Column... columns) {
    return new DataSpec(features, List.of(columns), shape, normalisation, weight, group, badRows);
  }

  /** This with another shape of a row's features. */
  public DataSpec withShape(List<Integer> sizes) {
    return new DataSpec(
        features, targets, Optional.of(sizes), normalisation, weight, group, badRows);
  }

  /** This with another formula for all features. */
  public DataSpec with(Normalisation formula) {
    return new DataSpec(features, targets, shape, formula, weight, group, badRows);
  }

  /** This with a column of weights. */
  public DataSpec withWeight(String column) {
    return new DataSpec(
        features, targets, shape, normalisation, Optional.of(column), group, badRows);
  }

  /** This with a column that says whose a row is. */
  public DataSpec withGroup(String column) {
    return new DataSpec(
        features, targets, shape, normalisation, weight, Optional.of(column), badRows);
  }

  /** This with another policy for rows that cannot be used. */
  public DataSpec with(BadRows policy) {
    return new DataSpec(features, targets, shape, normalisation, weight, group, policy);
  }

  /**
   * Refuses columns of which means, medians, deviations or categories would be learned: exactly,
   * from all rows, so that they tell of each of them.
   *
   * @throws IllegalArgumentException naming the first such column
   */
  public void requireNothingLearned() {
    Stream.concat(features.stream(), targets.stream())
        .filter(Column::learnsFromRows)
        .findFirst()
        .ifPresent(
            column -> {
              throw new IllegalArgumentException(
                  "privacy: %s of column '%s' would be learned from all clients' rows, which clipping and noise do not cover; give constants: an expression (select), data.mean and data.deviation, missing: constant"
                      .formatted(
                          column.kind() == Column.Kind.NUMBER
                              ? "mean, median or deviation"
                              : "the categories",
                          column.name()));
            });
  }

  /**
   * Learns what depends on the data (widths, stand-ins, means, categories) from the training rows.
   * What is learned has the same bits however the rows are partitioned.
   *
   * @param target what the loss wants for features of a shape: labels of so many classes, or
   *     values, as many as the target columns hold
   * @throws dev.kindling.data.DataException naming the column that is missing or cannot be read
   */
  public DataFrameRows learn(Dataset<Row> training, Function<List<Integer>, Target> target) {
    return new Learning(this, training).learn(target);
  }
}
