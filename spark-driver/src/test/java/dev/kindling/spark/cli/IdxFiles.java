package dev.kindling.spark.cli;

import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes drawn digits as the four files of MNIST. */
final class IdxFiles {
  private IdxFiles() {}

  static void write(Path folder, int train, int test) throws IOException {
    SyntheticDigits digits = SyntheticDigits.train(Normalisation.pixels());
    write(folder, "train", digits.range(0, train));
    write(folder, "t10k", digits.range(train, train + test));
  }

  private static void write(Path folder, String part, SyntheticDigits digits) throws IOException {
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    DataOutputStream imageData = new DataOutputStream(images);
    DataOutputStream labelData = new DataOutputStream(labels);
    imageData.writeInt(0x803);
    imageData.writeInt(digits.size());
    imageData.writeInt(28);
    imageData.writeInt(28);
    labelData.writeInt(0x801);
    labelData.writeInt(digits.size());
    for (int i = 0; i < digits.size(); i++) {
      byte[] row = digits.row(i);
      imageData.write(row, 0, 28 * 28);
      labelData.write(row[28 * 28]);
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.toByteArray());
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.toByteArray());
  }
}
