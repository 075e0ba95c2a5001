package dev.kindling.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.RealData;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

class TextDatasetTest {
  @TempDir Path folder;

  private static int[] labels(Slice slice) {
    int[] labels = new int[slice.size() * slice.format().target().length()];
    int[] rows = IntStream.range(0, slice.size()).toArray();
    slice.gatherLabels(rows, 0, rows.length, labels, 0);
    return labels;
  }

  private static float[] features(Slice slice) {
    float[] features = new float[slice.size() * slice.format().features()];
    int[] rows = IntStream.range(0, slice.size()).toArray();
    slice.gatherFeatures(rows, 0, rows.length, features, 0);
    return features;
  }

  @Test
  void labelsAreTheNextCharacters() {
    Vocabulary vocabulary = Vocabulary.of("hello you");
    assertThat(vocabulary.characters()).isEqualTo(" ehlouy");
    TextDataset text = new TextDataset("hello you", vocabulary, 4);
    assertThat(text.size()).isEqualTo(2);
    Slice slice = SliceBuilder.sliceOf(text);
    assertThat(vocabulary.decode(labels(slice))).isEqualTo("ello you");
    assertThat(features(slice)).containsExactly(2, 1, 3, 3, 4, 0, 6, 4);
    assertThat(text.format().element()).isEqualTo(ElementType.UINT8);
  }

  @Test
  void aRestAndTheLastCharacterMakeNoRow() {
    Vocabulary vocabulary = Vocabulary.of("ab");
    assertThat(new TextDataset("ababa", vocabulary, 2).size()).isEqualTo(2);
    assertThat(new TextDataset("abab", vocabulary, 2).size()).isEqualTo(1);
    assertThatThrownBy(() -> new TextDataset("ab", vocabulary, 2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 characters");
  }

  @Test
  void manyCharactersAreKeptAsFloats() {
    StringBuilder text = new StringBuilder();
    for (int point = 0x4e00; point < 0x4e00 + 300; point++) {
      text.appendCodePoint(point);
    }
    text.appendCodePoint(0x1F600);
    Vocabulary vocabulary = Vocabulary.of(text.toString());
    assertThat(vocabulary.size()).isEqualTo(301);
    Slice slice = SliceBuilder.sliceOf(new TextDataset(text.toString(), vocabulary, 300));
    assertThat(features(slice)[299]).isEqualTo(299);
    assertThat(labels(slice)[299]).isEqualTo(300);
  }

  @Test
  void unknownCharactersAndBadFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> Vocabulary.of("ab").encode("abc"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("character 2 of the text, 'c' (U+0063)");
    assertThatThrownBy(() -> new Vocabulary("ba")).hasMessageContaining("ascending");
    Path file = folder.resolve("bad.txt");
    Files.write(file, new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> TextDataset.read(file)).hasMessageContaining("not UTF-8");
    assertThatThrownBy(() -> TextDataset.read(folder.resolve("none")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = RealData.VARIABLE, matches = ".+")
  void readsShakespeare() {
    String text = TextDataset.read(RealData.folder("tinyshakespeare").resolve("input.txt"));
    Vocabulary vocabulary = Vocabulary.of(text);
    assertThat(vocabulary.size()).isEqualTo(65);
    TextDataset data = new TextDataset(text, vocabulary, 64);
    assertThat(data.size()).isEqualTo((text.length() - 1) / 64);
    assertThat(vocabulary.decode(labels(SliceBuilder.sliceOf(data))))
        .isEqualTo(text.substring(1, data.size() * 64 + 1));
  }
}
