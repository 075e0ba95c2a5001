package dev.kindling.data.format;

import dev.kindling.data.Checks;
import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A text as sequences of characters, for a model that predicts the next one: row i holds the
 * characters {@code iT} to {@code iT + T - 1} as features and those one further as labels. A rest
 * shorter than T is left out. Immutable and thread-safe.
 */
public final class TextDataset implements Dataset {
  private static final int BYTE_VALUES = 256;

  private final Vocabulary vocabulary;
  private final RowFormat format;
  private final int[] characters;
  private final int length;

  /**
   * Sequences of a text.
   *
   * @param vocabulary numbers the characters
   * @param length T, characters of a sequence
   */
  public TextDataset(String text, Vocabulary vocabulary, int length) {
    Checks.positive("text: sequence length", length);
    this.vocabulary = vocabulary;
    this.characters = vocabulary.encode(text);
    this.length = length;
    this.format =
        new RowFormat(
            List.of(length),
            vocabulary.size() <= BYTE_VALUES ? ElementType.UINT8 : ElementType.FLOAT32,
            new Target.Labels(vocabulary.size(), length),
            Normalisation.none());
    if (characters.length <= length) {
      throw new DataException(
          "text: %d characters; a sequence of %d and the one after it need more; take a longer text or shorter sequences"
              .formatted(characters.length, length));
    }
  }

  /** Reads a file as UTF-8. */
  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new DataException(file + ": the text is not UTF-8; convert it", e);
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read (%s); check its name and permissions".formatted(file, e), e);
    }
  }

  /** The numbers of the characters. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return (characters.length - 1) / length;
  }

  @Override
  public byte[] row(int index) {
    int from = index * length;
    int[] sequence = Arrays.copyOfRange(characters, from, from + length);
    return features(new RowEncoder(format), sequence).labels(characters, from + 1).row();
  }

  private RowEncoder features(RowEncoder row, int[] sequence) {
    if (format.element() == ElementType.UINT8) {
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) sequence[i];
      }
      return row.bytes(bytes, 0);
    }
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = sequence[i];
    }
    return row.floats(floats, 0);
  }
}
