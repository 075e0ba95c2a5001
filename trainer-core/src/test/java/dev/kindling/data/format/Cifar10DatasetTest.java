package dev.kindling.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kindling.data.DataException;
import dev.kindling.data.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

class Cifar10DatasetTest {
  @TempDir Path folder;

  @Test
  void readsTheFiveFilesOneAfterTheOther() throws IOException {
    for (int batch = 1; batch <= 5; batch++) {
      Files.write(folder.resolve("data_batch_" + batch + ".bin"), records(batch, 7));
    }
    Cifar10Dataset data = Cifar10Dataset.train(folder, Cifar10Dataset.USUAL);
    assertThat(data.size()).isEqualTo(10);
    assertThat(data.format().shape()).containsExactly(3, 32, 32);
    for (int row = 0; row < 10; row++) {
      byte[] bytes = data.row(row);
      assertThat(bytes[3072]).isEqualTo((byte) (row % 2 == 0 ? row / 2 + 1 : 7));
      assertThat(bytes[3071]).isEqualTo((byte) (3071 + bytes[3072]));
    }
    assertThatThrownBy(() -> data.row(10)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void findsTheUsualSubfolder() throws IOException {
    Path inside = Files.createDirectory(folder.resolve("cifar-10-batches-bin"));
    Files.write(inside.resolve("test_batch.bin"), records(3));
    assertThat(Cifar10Dataset.test(folder, Cifar10Dataset.USUAL).size()).isEqualTo(1);
  }

  @Test
  void missingTruncatedAndForeignFilesAreNamed() throws IOException {
    refused("test_batch.bin", "missing", "data.path");
    Files.write(folder.resolve("test_batch.bin"), Arrays.copyOf(records(1), 3000));
    refused("test_batch.bin", "3000 bytes", "3073");
    Files.write(folder.resolve("test_batch.bin"), records(1, 10));
    refused("label 10 of image 1", "0 to 9");
  }

  private void refused(String... words) {
    assertThatThrownBy(() -> Cifar10Dataset.test(folder, Cifar10Dataset.USUAL))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(words);
  }

  /** Skipped where only the pictures are there, not the binary layout made from them. */
  @Test
  @EnabledIfEnvironmentVariable(named = RealData.VARIABLE, matches = ".+")
  void readsCifar10() {
    Path cifar = RealData.folder("cifar10");
    assumeTrue(Files.isDirectory(cifar.resolve("cifar-10-batches-bin")));
    assertThat(Cifar10Dataset.train(cifar, Cifar10Dataset.USUAL).size()).isEqualTo(50_000);
    assertThat(Cifar10Dataset.test(cifar, Cifar10Dataset.USUAL).size()).isEqualTo(10_000);
  }

  private static byte[] records(int... labels) {
    byte[] file = new byte[labels.length * 3073];
    for (int i = 0; i < labels.length; i++) {
      file[i * 3073] = (byte) labels[i];
      for (int p = 0; p < 3072; p++) {
        file[i * 3073 + 1 + p] = (byte) (p + labels[i]);
      }
    }
    return file;
  }
}
