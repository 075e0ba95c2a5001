package dev.kindling.spark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordSourceTest {
  private static SparkSession spark;
  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Image i has the pixels i, i + 1, ...; its label is i mod 10. */
  private void writeIdx(int images, int height, int width, boolean isZipped) throws IOException {
    String zip = isZipped ? ".gz" : "";
    try (DataOutputStream pixels = out("train-images-idx3-ubyte" + zip, isZipped);
        DataOutputStream labels = out("train-labels-idx1-ubyte" + zip, isZipped)) {
      pixels.writeInt(0x803);
      pixels.writeInt(images);
      pixels.writeInt(height);
      pixels.writeInt(width);
      labels.writeInt(0x801);
      labels.writeInt(images);
      for (int i = 0; i < images; i++) {
        pixels.write(image(i, height * width));
        labels.write(i % 10);
      }
    }
  }

  private static byte[] image(int i, int length) {
    byte[] image = new byte[length];
    for (int p = 0; p < length; p++) {
      image[p] = (byte) (i + p);
    }
    return image;
  }

  private DataOutputStream out(String name, boolean isZipped) throws IOException {
    OutputStream file = Files.newOutputStream(folder.resolve(name));
    return new DataOutputStream(isZipped ? new GZIPOutputStream(file) : file);
  }

  private Dataset<Row> load(String format) {
    return spark.read().format(format).load(folder.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void idxRowsAreImagesWithTheirLabels(boolean isZipped) throws IOException {
    writeIdx(25, 2, 3, isZipped);
    List<Row> rows = load("idx").collectAsList();
    assertThat(rows).hasSize(25);
    for (int i = 0; i < 25; i++) {
      assertThat(rows.get(i).<byte[]>getAs("features")).isEqualTo(image(i, 6));
      assertThat(rows.get(i).<Integer>getAs("label")).isEqualTo(i % 10);
    }
  }

  @Test
  void aLargeFileIsReadByManyTasksAndColumnsMayBeLeftOut() throws IOException {
    writeIdx(40, 1000, 1000, false);
    Dataset<Row> rows = load("idx");
    assertThat(rows.javaRDD().getNumPartitions()).isEqualTo(3);
    assertThat(rows.groupBy("label").count().filter("count = 4").count()).isEqualTo(10);
    assertThat(rows.selectExpr("label", "length(features)").distinct().count()).isEqualTo(10);
    assertThat(rows.count()).isEqualTo(40);
  }

  @Test
  void cifar10RowsComeFromAllFilesOfAPart() throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int i = 0; i < 20; i++) {
      records.write(i % 10);
      records.write(image(i, 3072));
    }
    Path inside = Files.createDirectory(folder.resolve("cifar-10-batches-bin"));
    Files.write(inside.resolve("data_batch_1.bin"), records.toByteArray());
    Files.write(inside.resolve("data_batch_2.bin"), records.toByteArray());
    Files.write(inside.resolve("test_batch.bin"), records.toByteArray());
    assertThat(load("cifar10").count()).isEqualTo(40);
    List<Row> test =
        spark
            .read()
            .format("cifar10")
            .option("part", "test")
            .load(folder.toString())
            .collectAsList();
    assertThat(test).hasSize(20);
    assertThat(test.get(13).<byte[]>getAs(0)).isEqualTo(image(13, 3072));
    assertThat(test.get(13).getInt(1)).isEqualTo(3);
  }

  @Test
  void whatIsMissingOrDamagedIsNamed() throws IOException {
    assertThatThrownBy(() -> load("idx").count()).hasMessageContaining("train-images-idx3-ubyte");
    assertThatThrownBy(() -> load("cifar10").count()).hasMessageContaining("data_batch_1.bin");
    writeIdx(20, 2, 2, false);
    Path images = folder.resolve("train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 50));
    assertThatThrownBy(() -> load("idx").count()).hasMessageContaining("96 bytes, it has 50");
    writeIdx(20, 2, 2, false);
    Path labels = folder.resolve("train-labels-idx1-ubyte");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[8 + 7] = 11;
    Files.write(labels, bytes);
    assertThatThrownBy(() -> load("idx").collectAsList()).hasMessageContaining("label 11 of row 7");
    assertThatThrownBy(
            () -> spark.read().format("idx").option("part", "dev").load(folder.toString()).count())
        .hasMessageContaining("'dev'; it is train or test");
  }
}
