package dev.kindling.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RealData;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

class IdxDatasetTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  @Test
  void readsPlainFiles() throws IOException {
    Files.write(folder.resolve(IMAGES), images(2));
    Files.write(folder.resolve(LABELS), labels(7, 0));
    assertReadsTwoImages();
  }

  @Test
  void readsGzippedFilesUnderEitherName() throws IOException {
    Files.write(folder.resolve(IMAGES + ".gz"), gzip(images(2)));
    Files.write(folder.resolve(LABELS), gzip(labels(7, 0)));
    assertReadsTwoImages();
  }

  private void assertReadsTwoImages() {
    IdxDataset data = IdxDataset.train(folder, Normalisation.none());
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.format().shape()).containsExactly(1, 2, 3);
    assertThat(data.row(0)).containsExactly(0, 1, 2, 3, 4, 5, 7, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f);
    assertThat(data.row(1)).startsWith(6, 7, 8, 9, 10, 11, 0);
  }

  @Test
  void aMissingFileIsNamedWithAllNamesLookedFor() throws IOException {
    Files.write(folder.resolve(IMAGES), images(1));
    refused(LABELS, LABELS + ".gz", "the file is missing", "data.path");
    assertThatThrownBy(() -> IdxDataset.test(folder.resolve("none"), Normalisation.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such folder")
        .hasMessageContaining("t10k-images-idx3-ubyte.gz");
  }

  @Test
  void aTruncatedFileNamesExpectedAndFoundBytes() throws IOException {
    Files.write(folder.resolve(IMAGES), Arrays.copyOf(images(2), 16 + 9));
    Files.write(folder.resolve(LABELS), labels(1, 2));
    refused(IMAGES, "truncated", "12 bytes of values expected, 9 found");
    Files.write(folder.resolve(IMAGES), Arrays.copyOf(images(2), 7));
    refused(IMAGES, "truncated");
    Files.write(folder.resolve(IMAGES), new byte[0]);
    refused(IMAGES, "truncated");
  }

  @Test
  void aDamagedGzipIsNamed() throws IOException {
    byte[] zipped = gzip(images(2));
    Files.write(folder.resolve(LABELS), labels(1, 2));
    Files.write(folder.resolve(IMAGES), Arrays.copyOf(zipped, zipped.length - 10));
    refused(IMAGES, "truncated");
    zipped[zipped.length - 5] ^= 1; // the checksum
    Files.write(folder.resolve(IMAGES), zipped);
    refused(IMAGES, "cannot be read");
  }

  @Test
  void bytesBehindTheEndAreRefused() throws IOException {
    Files.write(folder.resolve(IMAGES), Arrays.copyOf(images(2), 16 + 13));
    Files.write(folder.resolve(LABELS), labels(1, 2));
    refused(IMAGES, "bytes follow the 12");
  }

  @Test
  void aWrongMagicNumberIsNamed() throws IOException {
    Files.write(folder.resolve(IMAGES), labels(1, 2));
    Files.write(folder.resolve(LABELS), labels(1, 2));
    refused(IMAGES, "0x00000801", "images start with 0x00000803");
  }

  @Test
  void hugeAnnouncedSizesTakeNoMemory() throws IOException {
    Files.write(folder.resolve(LABELS), labels(1, 2));
    Files.write(folder.resolve(IMAGES), header(0x803, -1, 28, 28));
    refused(IMAGES, "cannot be held");
    Files.write(folder.resolve(IMAGES), header(0x803, 1 << 30, 1 << 30, 1 << 30));
    refused(IMAGES, "cannot be held");
    Files.write(folder.resolve(IMAGES), header(0x803, 2_000_000_000, 1, 1));
    refused(IMAGES, "2000000000 bytes of values expected, 0 found");
  }

  @Test
  void differentCountsAreNamedOnBothSides() throws IOException {
    Files.write(folder.resolve(IMAGES), images(2));
    Files.write(folder.resolve(LABELS), labels(1, 2, 3));
    refused(IMAGES, "2 images", LABELS, "3 labels");
  }

  @Test
  void aLabelOutOfRangeIsNamedWithItsPlace() throws IOException {
    Files.write(folder.resolve(IMAGES), images(3));
    Files.write(folder.resolve(LABELS), labels(9, 10, 3));
    refused(LABELS, "label 10 of image 1", "from 0 to 9");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = RealData.VARIABLE, matches = ".+")
  void readsMnist() {
    IdxDataset train = IdxDataset.train(RealData.folder("mnist"), Normalisation.none());
    IdxDataset test = IdxDataset.test(RealData.folder("mnist"), Normalisation.none());
    assertThat(train.size()).isEqualTo(60_000);
    assertThat(test.size()).isEqualTo(10_000);
    assertThat(train.format().shape()).containsExactly(1, 28, 28);
    assertThat(train.row(0)[784]).isEqualTo((byte) 5);
    assertThat(meanPixel(train)).isBetween(0.13065, 0.13075);
  }

  private static double meanPixel(IdxDataset data) {
    long sum = 0;
    for (int i = 0; i < data.size(); i++) {
      byte[] row = data.row(i);
      for (int p = 0; p < 784; p++) {
        sum += row[p] & 0xff;
      }
    }
    return sum / 255.0 / 784 / data.size();
  }

  private void refused(String... words) {
    assertThatThrownBy(() -> IdxDataset.train(folder, Normalisation.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(words);
  }

  /** Images of two rows and three columns, pixels counted up. */
  private static byte[] images(int count) throws IOException {
    byte[] header = header(0x803, count, 2, 3);
    byte[] file = Arrays.copyOf(header, header.length + count * 6);
    for (int i = 0; i < count * 6; i++) {
      file[header.length + i] = (byte) i;
    }
    return file;
  }

  private static byte[] labels(int... labels) throws IOException {
    byte[] header = header(0x801, labels.length);
    byte[] file = Arrays.copyOf(header, header.length + labels.length);
    for (int i = 0; i < labels.length; i++) {
      file[header.length + i] = (byte) labels[i];
    }
    return file;
  }

  private static byte[] header(int... words) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int word : words) {
      out.writeInt(word);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }
}
