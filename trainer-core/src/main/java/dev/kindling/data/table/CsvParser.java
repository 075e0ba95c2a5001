package dev.kindling.data.table;

import dev.kindling.data.DataException;
import java.util.ArrayList;
import java.util.List;

/**
 * Comma-separated values as RFC 4180 has them: fields in double quotes may hold separators, line
 * ends and doubled quotes; lines end with LF or CRLF. Lines without any character are skipped.
 */
final class CsvParser {
  private static final char QUOTE = '"';

  private final String file;
  private final String text;
  private final char separator;
  private int at;
  private int line = 1;

  CsvParser(String file, String text, char separator) {
    this.file = file;
    this.text = text;
    this.separator = separator;
  }

  /** The line, counted from 1, on which the next record starts. */
  int line() {
    return line;
  }

  /** Whether there is another record; skips empty lines. */
  boolean hasNext() {
    while (atLineEnd()) {
      endLine();
    }
    return at < text.length();
  }

  /** The fields of the next record. */
  List<String> next() {
    List<String> fields = new ArrayList<>();
    fields.add(field());
    while (at < text.length() && text.charAt(at) == separator) {
      at++;
      fields.add(field());
    }
    if (atLineEnd()) {
      endLine();
    }
    return fields;
  }

  private String field() {
    return at < text.length() && text.charAt(at) == QUOTE ? quoted() : plain();
  }

  private String plain() {
    int start = at;
    while (at < text.length() && text.charAt(at) != separator && !atLineEnd()) {
      if (text.charAt(at) == QUOTE) {
        throw bad(line, "a quote inside a field that does not start with one");
      }
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() {
    int opened = line;
    StringBuilder field = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != QUOTE) {
        field.append(c);
        line += c == '\n' ? 1 : 0;
      } else if (at < text.length() && text.charAt(at) == QUOTE) {
        field.append(QUOTE);
        at++;
      } else {
        checkFieldEnds();
        return field.toString();
      }
    }
    throw bad(opened, "a quote that is never closed");
  }

  private void checkFieldEnds() {
    if (at < text.length() && text.charAt(at) != separator && !atLineEnd()) {
      throw bad(line, "'" + text.charAt(at) + "' after a closing quote");
    }
  }

  private boolean atLineEnd() {
    return at < text.length()
        && (text.charAt(at) == '\n' || (text.charAt(at) == '\r' && text.startsWith("\n", at + 1)));
  }

  private void endLine() {
    at += text.charAt(at) == '\r' ? 2 : 1;
    line++;
  }

  private DataException bad(int where, String what) {
    return new DataException(
        "%s: line %d: %s; put the field into double quotes and double those inside"
            .formatted(file, where, what));
  }
}
