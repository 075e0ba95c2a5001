package dev.kindling.data.format;

import dev.kindling.data.DataException;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The characters of a text, numbered from 0 in the order of their code points. Immutable.
 *
 * @param characters each once, in ascending order
 */
public record Vocabulary(String characters) implements Serializable {

  /** Checks that the characters ascend. */
  public Vocabulary {
    int[] points = characters.codePoints().toArray();
    for (int i = 1; i < points.length; i++) {
      if (points[i - 1] >= points[i]) {
        throw new IllegalArgumentException(
            "vocabulary: '%s' stands before '%s'; each character once, in ascending order"
                .formatted(Character.toString(points[i - 1]), Character.toString(points[i])));
      }
    }
  }

  /** All characters of a text. */
  public static Vocabulary of(String text) {
    int[] points = text.codePoints().sorted().distinct().toArray();
    return new Vocabulary(new String(points, 0, points.length));
  }

  /** Number of characters. */
  public int size() {
    return characters.codePointCount(0, characters.length());
  }

  /**
   * The numbers of a text's characters.
   *
   * @throws DataException when a character is unknown
   */
  public int[] encode(String text) {
    int[] known = characters.codePoints().toArray();
    int[] points = text.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      int number = Arrays.binarySearch(known, points[i]);
      if (number < 0) {
        throw new DataException(
            "character %d of the text, '%s' (U+%04X), is not among the %d of the vocabulary; remove it or learn a new vocabulary"
                .formatted(i, Character.toString(points[i]), points[i], known.length));
      }
      points[i] = number;
    }
    return points;
  }

  /** The text of some numbers. */
  public String decode(int... numbers) {
    int[] known = characters.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int number : numbers) {
      text.appendCodePoint(known[number]);
    }
    return text.toString();
  }
}
