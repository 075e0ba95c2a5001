package dev.kindling.data.table;

import dev.kindling.data.DataException;
import dev.kindling.data.Split;
import dev.kindling.data.format.TextDataset;
import dev.kindling.spec.SpecException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The texts of a file of comma-separated values, its first line naming the columns. Immutable.
 *
 * @param source what messages call it
 * @param columns the names, each once
 * @param rows a text for each column
 */
public record Table(String source, List<String> columns, List<Row> rows) {

  /**
   * One row.
   *
   * @param line where it starts in the file, counted from 1
   * @param fields as many as columns
   */
  public record Row(int line, List<String> fields) {
    /** Copies the fields. */
    public Row {
      fields = List.copyOf(fields);
    }

    /** All fields, for ranking rows by content. */
    byte[] bytes() {
      return String.join("\u0000", fields).getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Checks that names differ and rows have a field for each. */
  public Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    if (new HashSet<>(columns).size() < columns.size()) {
      throw new DataException(
          source + ": the columns are " + columns + "; each name must stand once");
    }
    for (Row row : rows) {
      if (row.fields.size() != columns.size()) {
        throw new DataException(
            "%s: line %d has %d fields; the first line names %d columns; correct the line"
                .formatted(source, row.line, row.fields.size(), columns.size()));
      }
    }
  }

  /** Reads a file in UTF-8 with commas. */
  public static Table readCsv(Path file) {
    return parseCsv(file.toString(), TextDataset.read(file), ',');
  }

  /** Parses a text. */
  public static Table parseCsv(String source, String text, char separator) {
    String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    CsvParser parser = new CsvParser(source, content, separator);
    if (!parser.hasNext()) {
      throw new DataException(source + ": the file is empty; its first line must name the columns");
    }
    List<String> columns = parser.next();
    List<Row> rows = new ArrayList<>();
    while (parser.hasNext()) {
      int line = parser.line();
      rows.add(new Row(line, parser.next()));
    }
    return new Table(source, columns, rows);
  }

  /** The place of a column. */
  public int indexOf(String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new DataException(
          SpecException.unknown(source, "column", column, columns).getMessage());
    }
    return index;
  }

  /**
   * Splits by content, before anything is learned from the rows.
   *
   * @param fraction of the rows that is held out, from 0 to 1
   */
  public Split<Table> split(double fraction, long seed) {
    return Split.of(rows.size(), i -> rows.get(i).bytes(), fraction, seed, this::select);
  }

  private Table select(int[] places) {
    List<Row> selected = new ArrayList<>();
    for (int place : places) {
      selected.add(rows.get(place));
    }
    return new Table(source, columns, selected);
  }
}
