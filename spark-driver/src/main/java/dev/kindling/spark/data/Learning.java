package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.data.table.Column;
import dev.kindling.data.table.Column.Kind;
import dev.kindling.data.table.Missing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Learns from the training rows what a {@link DataSpec} leaves open, in as few passes as it takes:
 * none for plain numbers, one for means and categories, one more for deviations. Used once.
 */
final class Learning {
  private final DataSpec spec;
  private final Dataset<Row> data;

  Learning(DataSpec spec, Dataset<Row> training) {
    this.spec = spec;
    List<org.apache.spark.sql.Column> needed = new ArrayList<>();
    Stream.concat(spec.features().stream(), spec.targets().stream())
        .map(Column::name)
        .distinct()
        .forEach(name -> needed.add(Columns.of(training, name).as(name)));
    spec.weight().ifPresent(name -> Columns.of(training, name));
    spec.group().ifPresent(name -> Columns.of(training, name));
    needed.addAll(FrameSplit.marks(training));
    this.data = training.select(needed.toArray(org.apache.spark.sql.Column[]::new));
  }

  DataFrameRows learn(Function<List<Integer>, Target> wanted) {
    List<LearnedColumn> columns = new ArrayList<>();
    spec.features().forEach(column -> columns.add(start(column, spec.features().size() == 1)));
    spec.targets().forEach(column -> columns.add(start(column, false)));
    List<LearnedColumn> learned = learned(columns);
    List<LearnedColumn> features = learned.subList(0, spec.features().size());
    List<LearnedColumn> targets = learned.subList(spec.features().size(), learned.size());
    boolean isBytes = features.size() == 1 && features.get(0).form().isBytes();
    ElementType element = isBytes ? ElementType.UINT8 : ElementType.FLOAT32;
    int width = features.stream().mapToInt(LearnedColumn::features).sum();
    List<Integer> shape = spec.shape().orElse(List.of(width));
    if (shape.stream().reduce(1, Math::multiplyExact) != width) {
      throw new DataException(
          "the columns %s give %d features, the shape %s needs %d"
              .formatted(
                  spec.features().stream().map(Column::name).toList(),
                  width,
                  shape,
                  shape.stream().reduce(1, Math::multiplyExact)));
    }
    Normalisation formula = spec.normalisation();
    if (isBytes && !features.get(0).mean().isEmpty()) {
      formula = pixels(features.get(0), shape);
      features = List.of(LearnedColumn.of(features.get(0).column(), features.get(0).form(), width));
    }
    RowFormat format = new RowFormat(shape, element, target(wanted.apply(shape), targets), formula);
    return new DataFrameRows(
        features,
        targets,
        spec.weight().orElse(null),
        spec.group().orElse(null),
        spec.badRows(),
        format);
  }

  /** A column with the width of its cells, before anything else is learned. */
  private LearnedColumn start(Column column, boolean isOnly) {
    Form form = Form.of(column.name(), Columns.type(data.schema(), column.name()));
    if (!form.isSingle() && column.kind() != Kind.NUMBER) {
      throw new DataException(
          "column '%s' is %s; categories are single values"
              .formatted(
                  column.name(), data.schema().apply(column.name()).dataType().catalogString()));
    }
    return LearnedColumn.of(column, form, form.isSingle() ? 1 : width(column, form, isOnly));
  }

  private int width(Column column, Form form, boolean isOnly) {
    if (isOnly && spec.shape().isPresent()) {
      return spec.shape().get().stream().reduce(1, Math::multiplyExact);
    }
    org.apache.spark.sql.Column cells = Columns.of(data, column.name());
    List<Row> first = FrameSplit.only(data).filter(cells.isNotNull()).select(cells).takeAsList(1);
    if (first.isEmpty()) {
      throw new DataException(
          "column '%s' has no value in any row; check the path and the filter"
              .formatted(column.name()));
    }
    return Cells.width(form, first.get(0).get(0));
  }

  private List<LearnedColumn> learned(List<LearnedColumn> start) {
    if (start.stream().noneMatch(Learning::needsPass)) {
      return start.stream().map(column -> filled(column, List.of())).toList();
    }
    boolean skips = spec.badRows().most() > 0;
    Observed values = Observed.over(data, start, skips);
    List<LearnedColumn> columns = each(start, (column, i) -> observed(column, values, i));
    if (columns.stream().noneMatch(c -> c.column().standardise())) {
      return columns;
    }
    // once more, since what stands for missing values counts in the mean
    boolean isFilled = columns.stream().anyMatch(c -> !c.fill().isEmpty());
    Observed filled = isFilled ? Observed.over(data, columns, skips) : values;
    List<LearnedColumn> centred = each(columns, (column, i) -> withMeans(column, filled.means(i)));
    Observed squares = Observed.over(data, centred, skips);
    return each(centred, (column, i) -> withDeviations(column, squares.means(i)));
  }

  private static List<LearnedColumn> each(
      List<LearnedColumn> columns, BiFunction<LearnedColumn, Integer, LearnedColumn> change) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> change.apply(columns.get(i), i))
        .toList();
  }

  /** Whether the features are one column of bytes, which are normalised when they are read. */
  private boolean staysBytes() {
    return spec.features().size() == 1
        && Form.of("features", data.schema().apply(spec.features().get(0).name()).dataType())
            .isBytes();
  }

  private static boolean needsPass(LearnedColumn column) {
    return column.column().kind() != Kind.NUMBER || column.needsNumbers();
  }

  private LearnedColumn observed(LearnedColumn column, Observed observed, int i) {
    return column.column().kind() == Kind.NUMBER
        ? filled(column, observed.means(i))
        : new LearnedColumn(
            column.column(),
            column.form(),
            1,
            List.of(),
            List.of(),
            List.of(),
            observed.categories(i));
  }

  /** A column with what stands for missing values. */
  private LearnedColumn filled(LearnedColumn column, List<Double> means) {
    Missing missing = column.column().missing();
    List<Double> fill =
        switch (missing.policy()) {
          case FAIL, DROP -> List.of();
          case MEAN -> means;
          case MEDIAN -> List.of(median(column));
          case CONSTANT ->
              column.column().kind() == Kind.NUMBER
                  ? Collections.nCopies(column.width(), constant(column.column()))
                  : List.of();
        };
    return new LearnedColumn(
        column.column(),
        column.form(),
        column.width(),
        fill,
        column.mean(),
        column.deviation(),
        column.categories());
  }

  private static double constant(Column column) {
    try {
      return Double.parseDouble(column.missing().constant());
    } catch (NumberFormatException e) {
      throw new DataException(
          "column '%s': the constant '%s' for missing values is no number"
              .formatted(column.name(), column.missing().constant()),
          e);
    }
  }

  private double median(LearnedColumn column) {
    if (!column.form().isSingle()) {
      throw new DataException(
          "column '%s' holds arrays; missing values inside take their mean or a constant"
              .formatted(column.column().name()));
    }
    org.apache.spark.sql.Column value =
        Columns.of(data, column.column().name()).try_cast("double").as("value");
    Row row =
        FrameSplit.only(data)
            .select(value)
            .filter("value is not null and not isnan(value)")
            .agg(functions.expr("percentile(value, 0.5)"))
            .first();
    if (row.isNullAt(0)) {
      throw new DataException(
          "column '%s' has no value to take the median of; give a constant"
              .formatted(column.column().name()));
    }
    return row.getDouble(0);
  }

  private static LearnedColumn withMeans(LearnedColumn c, List<Double> means) {
    return c.column().standardise()
        ? new LearnedColumn(
            c.column(),
            c.form(),
            c.width(),
            c.fill(),
            means,
            Collections.nCopies(means.size(), 1.0),
            List.of())
        : c;
  }

  private LearnedColumn withDeviations(LearnedColumn c, List<Double> squares) {
    return c.column().standardise()
        ? new LearnedColumn(
            c.column(),
            c.form(),
            c.width(),
            c.fill(),
            c.mean(),
            squares.stream().map(s -> s > 0 || staysBytes() ? Math.sqrt(s) : 1).toList(),
            List.of())
        : c;
  }

  /** Bytes stay bytes: what was learned of each place is put together for each channel. */
  private static Normalisation pixels(LearnedColumn column, List<Integer> shape) {
    int channels = shape.size() == 3 ? shape.get(0) : 1;
    int plane = column.width() / channels;
    List<Float> means = new ArrayList<>();
    List<Float> deviations = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        mean += column.mean().get(i) / plane;
      }
      double variance = 0;
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        double off = column.mean().get(i) - mean;
        double own = column.deviation().get(i);
        variance += (own * own + off * off) / plane;
      }
      means.add((float) mean);
      deviations.add(variance > 0 ? (float) Math.sqrt(variance) : 1);
    }
    return new Normalisation(1, means, deviations);
  }

  private static Target target(Target wanted, List<LearnedColumn> targets) {
    int width = targets.stream().mapToInt(LearnedColumn::features).sum();
    if (!(wanted instanceof Target.Labels labels)) {
      return Target.values(width);
    }
    if (width != 1) {
      throw new DataException(
          "the loss compares with one label; the targets %s are %d values"
              .formatted(targets.stream().map(t -> t.column().name()).toList(), width));
    }
    int known = targets.get(0).categories().size();
    if (known > labels.classes()) {
      throw new DataException(
          "column '%s' has %d categories, the network %d outputs; give its last layer %d"
              .formatted(targets.get(0).column().name(), known, labels.classes(), known));
    }
    return labels;
  }
}
