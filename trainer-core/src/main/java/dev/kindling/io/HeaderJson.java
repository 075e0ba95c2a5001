package dev.kindling.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of JSON that a safetensors header uses: objects, arrays, strings and whole numbers that
 * are not negative. Strict: no doubled key, nothing after the end, no deep nesting.
 */
final class HeaderJson {
  private static final int DEEPEST = 4;

  private final String file;
  private final String text;
  private int at;

  private HeaderJson(String file, String text) {
    this.file = file;
    this.text = text;
  }

  /** Reads one object; values are Map, List, String and Long. */
  static Map<String, Object> parse(String file, String text) throws SafetensorsException {
    HeaderJson parser = new HeaderJson(file, text);
    Map<String, Object> object = parser.object(0);
    parser.skipSpace();
    if (parser.at < text.length()) {
      throw parser.bad("nothing after the closing brace");
    }
    return object;
  }

  private Object value(int depth) throws SafetensorsException {
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws SafetensorsException {
    enter('{', depth);
    Map<String, Object> members = new LinkedHashMap<>();
    if (accept('}')) {
      return members;
    }
    do {
      peek();
      String key = string();
      expect(':');
      if (members.putIfAbsent(key, value(depth + 1)) != null) {
        throw bad("every key once, but '" + key + "' stands twice before here");
      }
    } while (accept(','));
    expect('}');
    return members;
  }

  private List<Object> array(int depth) throws SafetensorsException {
    enter('[', depth);
    List<Object> elements = new ArrayList<>();
    if (accept(']')) {
      return elements;
    }
    do {
      elements.add(value(depth + 1));
    } while (accept(','));
    expect(']');
    return elements;
  }

  private void enter(char bracket, int depth) throws SafetensorsException {
    expect(bracket);
    if (depth >= DEEPEST) {
      throw bad("at most " + DEEPEST + " levels of nesting");
    }
  }

  private Long number() throws SafetensorsException {
    int start = at;
    long number = 0;
    while (at < text.length() && isDigit(text.charAt(at))) {
      int digit = text.charAt(at++) - '0';
      if (number > (Long.MAX_VALUE - digit) / 10) {
        throw bad("a number below 2^63");
      }
      number = number * 10 + digit;
    }
    if (at == start) {
      throw bad("an object, an array, a string or a whole number");
    }
    if (at - start > 1 && text.charAt(start) == '0') {
      throw bad("a number without a leading zero");
    }
    return number;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private String string() throws SafetensorsException {
    if (at >= text.length() || text.charAt(at) != '"') {
      throw bad("a string in double quotes");
    }
    at++;
    StringBuilder string = new StringBuilder();
    for (char c = character(); c != '"'; c = character()) {
      if (c < ' ') {
        throw bad("no control character in a string");
      }
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() throws SafetensorsException {
    char c = character();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw bad("one of \" \\ / b f n r t u after a backslash");
    };
  }

  private char unicode() throws SafetensorsException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(character(), 16);
      if (digit < 0) {
        throw bad("four hexadecimal digits after \\u");
      }
      code = code * 16 + digit;
    }
    return (char) code;
  }

  private char character() throws SafetensorsException {
    if (at >= text.length()) {
      throw bad("the end of a string");
    }
    return text.charAt(at++);
  }

  private char peek() throws SafetensorsException {
    skipSpace();
    if (at >= text.length()) {
      throw bad("more");
    }
    return text.charAt(at);
  }

  private boolean accept(char c) throws SafetensorsException {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws SafetensorsException {
    if (!accept(c)) {
      throw bad("'" + c + "'");
    }
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private SafetensorsException bad(String expected) {
    return new SafetensorsException(
        "%s: the header is not the JSON of a safetensors file: at character %d, expected %s; write the file again"
            .formatted(file, at, expected));
  }
}
