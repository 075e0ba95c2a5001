package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.table.Column.Kind;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What one pass over the training rows has seen of each column: exact sums of its values, or of the
 * squares of what they are off the mean where that is known, and the categories. Not thread-safe.
 */
final class Observed implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CATEGORIES = 100_000;

  private final List<OfColumn> columns;

  private Observed(List<LearnedColumn> columns) {
    this.columns = columns.stream().map(OfColumn::new).toList();
  }

  /**
   * Looks at all rows that no column drops.
   *
   * @param skipsBad whether rows that cannot be read are passed over, or an error
   */
  static Observed over(Dataset<Row> data, List<LearnedColumn> columns, boolean skipsBad) {
    List<LearnedColumn> known = List.copyOf(columns);
    StructType schema = data.schema();
    // as bytes, since Kryo cannot make records
    return read(
        data.javaRDD()
            .mapPartitions(rows -> List.of(write(of(rows, schema, known, skipsBad))).iterator())
            .treeReduce((a, b) -> write(read(a).plus(read(b))), 2));
  }

  private static byte[] write(Observed observed) {
    return SerializationUtils.serialize(observed);
  }

  private static Observed read(byte[] bytes) {
    return SerializationUtils.deserialize(bytes);
  }

  private static Observed of(
      Iterator<Row> rows, StructType schema, List<LearnedColumn> known, boolean skipsBad) {
    Observed observed = new Observed(known);
    int[] places = known.stream().mapToInt(c -> schema.fieldIndex(c.column().name())).toArray();
    RowPlace place = new RowPlace();
    Predicate<Row> belongs = FrameSplit.belongs(schema);
    Object[] cells = new Object[places.length];
    while (rows.hasNext()) {
      Row row = rows.next();
      place.advance();
      if (!belongs.test(row)) {
        continue;
      }
      for (int i = 0; i < cells.length; i++) {
        cells[i] = row.get(places[i]);
      }
      try {
        observed.add(cells);
      } catch (DataException e) {
        if (!skipsBad) {
          throw new DataException("%s: %s".formatted(place, e.getMessage()), e);
        }
      }
    }
    return observed;
  }

  private void add(Object[] cells) {
    for (int i = 0; i < cells.length; i++) {
      if (columns.get(i).encoder().drops(cells[i])) {
        return;
      }
    }
    for (int i = 0; i < cells.length; i++) {
      columns.get(i).check(cells[i]);
    }
    for (int i = 0; i < cells.length; i++) {
      columns.get(i).add(cells[i]);
    }
  }

  private Observed plus(Observed other) {
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).add(other.columns.get(i));
    }
    return this;
  }

  /** The mean of each value of a column's cells. */
  List<Double> means(int column) {
    return Stream.of(columns.get(column).sums).map(ExactSum::mean).toList();
  }

  /** The categories of a column: by number where all are whole numbers, else by name. */
  List<String> categories(int column) {
    TreeSet<String> names = columns.get(column).categories;
    boolean whole = names.stream().allMatch(name -> name.matches("-?\\d{1,18}"));
    Comparator<String> byNumber = Comparator.comparingLong(Long::parseLong);
    return names.stream().sorted(whole ? byNumber : Comparator.naturalOrder()).toList();
  }

  /** What was seen of one column. */
  private static final class OfColumn implements Serializable {
    private static final long serialVersionUID = 1L;
    private final LearnedColumn column;
    private final double[] centre;
    private final ExactSum[] sums;
    private final TreeSet<String> categories = new TreeSet<>();
    private transient LearnedColumn.Encoder encoder;

    OfColumn(LearnedColumn column) {
      this.column = column;
      this.centre = column.mean().stream().mapToDouble(Double::doubleValue).toArray();
      int counted = column.needsNumbers() ? column.width() : 0;
      this.sums = Stream.generate(ExactSum::new).limit(counted).toArray(ExactSum[]::new);
    }

    LearnedColumn.Encoder encoder() {
      if (encoder == null) {
        encoder = column.encoder();
      }
      return encoder;
    }

    /** Refuses a bad cell before any of its row is counted. */
    void check(Object cell) {
      if (sums.length > 0) {
        encoder().filled(cell);
      } else if (column.column().kind() != Kind.NUMBER) {
        encoder().categoryName(cell);
      }
    }

    void add(Object cell) {
      if (sums.length > 0) {
        addNumbers(encoder().filled(cell));
      } else if (column.column().kind() != Kind.NUMBER) {
        addCategory(encoder().categoryName(cell));
      }
    }

    private void addNumbers(double[] values) {
      for (int i = 0; i < sums.length; i++) {
        if (!Double.isNaN(values[i])) {
          double x = centre.length == 0 ? values[i] : values[i] - centre[i];
          sums[i].add(centre.length == 0 ? x : x * x);
        }
      }
    }

    private void addCategory(String name) {
      categories.add(name);
      if (categories.size() > MOST_CATEGORIES) {
        throw new DataException(
            "column '%s' has more than %d categories; is it a name or a number of each row?"
                .formatted(column.column().name(), MOST_CATEGORIES));
      }
    }

    void add(OfColumn other) {
      for (int i = 0; i < sums.length; i++) {
        sums[i].add(other.sums[i]);
      }
      categories.addAll(other.categories);
    }
  }
}
