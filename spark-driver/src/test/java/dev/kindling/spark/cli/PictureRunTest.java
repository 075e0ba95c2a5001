package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Png and jpeg files in a folder for each class, read by Spark's {@code binaryFile}. */
class PictureRunTest {
  private static final long SEED = 3;
  @TempDir Path folder;

  /** Red squares and blue ones, of several sizes. */
  @BeforeEach
  void draw() throws IOException {
    Random random = new Random(SEED);
    for (String name : List.of("red", "blue")) {
      Files.createDirectories(folder.resolve("pictures").resolve(name));
      for (int i = 0; i < 30; i++) {
        int size = 8 + i % 5;
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < size * size; p++) {
          int strong = 160 + random.nextInt(90);
          int rgb = name.equals("red") ? strong << 16 : strong;
          image.setRGB(p % size, p / size, rgb | random.nextInt(60) << 8);
        }
        String ending = i % 2 == 0 ? "png" : "jpg";
        Path file = folder.resolve("pictures").resolve(name).resolve(i + "." + ending);
        ImageIO.write(image, ending, file.toFile());
      }
    }
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        data:
          format: binaryFile
          path: %s/pictures
          options: {recursiveFileLookup: true}
          select: ["picture(content, 3, 8, 8) AS features", "element_at(split(path, '/'), -2) AS colour"]
          label: {index: {name: colour}}
          shape: [3, 8, 8]
          validation: {fraction: 0.2}
        model:
          - Flatten
          - Linear: {in: 192, out: 2}
        loss: CrossEntropyLoss
        optimizer: {Adam: {lr: 0.0001}}
        train: {epochs: 8, batch_size: 8, replicas: 2}
        cluster: {master: "local[2]", workers: 2}
        """
            .formatted(folder));
  }

  private CommandLineRun.Result train() {
    return new CommandLineRun(folder).train("run");
  }

  @Test
  void filesAreDecodedScaledAndLearned() throws IOException {
    assertThat(train().errors()).isEmpty();
    CommandLineRun run = new CommandLineRun(folder);
    assertThat(run.summary("run").get("test_accuracy").asDouble()).isEqualTo(1);
  }

  @Test
  void aFileThatIsNoPictureIsABadRowOfItsFile() throws IOException {
    Files.writeString(folder.resolve("pictures/red/torn.png"), "no picture");
    CommandLineRun.Result result = train();
    assertThat(result.code()).isEqualTo(ExitCode.DATA);
    assertThat(result.errors()).contains("torn.png", "features", "has no value");
  }
}
