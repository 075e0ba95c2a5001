package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line on a folder of images and on a text. */
class FilesRunTest {
  private static final String SETTINGS =
      """
      loss: CrossEntropyLoss
      optimizer: {Adam: {lr: 0.01}}
      train: {epochs: 8, batch_size: 16, replicas: 2}
      cluster: {master: "local[2]", workers: 2}
      """;

  @TempDir Path folder;

  private CommandLineRun.Result train(String data) throws IOException {
    Files.writeString(folder.resolve("run.yaml"), data + SETTINGS);
    String config = folder.resolve("run.yaml").toString();
    return CommandLineRun.run(
        List.of("train", config, "--run-dir", folder.resolve("run").toString()));
  }

  private double testAccuracy() throws IOException {
    return new CommandLineRun(folder).summary("run").get("test_accuracy").asDouble();
  }

  /** Red pictures and blue ones, each a little different. */
  private void drawImages(String part, int count, long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      boolean isRed = i % 2 == 0;
      BufferedImage image = new BufferedImage(10, 12, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = image.createGraphics();
      int bright = 150 + random.nextInt(100);
      int dark = random.nextInt(60);
      pen.setColor(isRed ? new Color(bright, dark, dark) : new Color(dark, dark, bright));
      pen.fillRect(0, 0, 10, 12);
      pen.dispose();
      Path file = folder.resolve(part).resolve(isRed ? "red" : "blue").resolve(i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
  }

  private String images(String keys) {
    return """
    data:
      format: image_folder
      path: %s/pictures
      shape: [3, 6, 5]
      mean: 0.5
    %s
    model: [Flatten, Linear: {in: 90, out: 2}]
    """
        .formatted(folder, keys.indent(2));
  }

  @Test
  void imagesInAFolderForEachClass() throws IOException {
    drawImages("pictures", 60, 1);
    drawImages("others", 20, 2);
    CommandLineRun.Result trained = train(images("test_path: " + folder.resolve("others")));
    assertThat(trained.code()).as(trained.errors()).isZero();
    assertThat(testAccuracy()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("run/config.yaml")))
        .contains("image_folder", "test_path", "shape");
    drawImages("strangers", 4, 3);
    Files.writeString(folder.resolve("strangers/torn.png"), "no picture");
    List<JsonNode> said = predict("strangers");
    assertThat(said).hasSize(5).allMatch(row -> !row.has("features"));
    for (JsonNode row : said) {
      String path = row.get("path").asText();
      if (path.endsWith("torn.png")) {
        assertThat(row.has("category")).isFalse();
      } else {
        assertThat(path).contains("/" + row.get("category").asText() + "/");
      }
    }
  }

  /** Without a word of the format: the run knows. */
  private List<JsonNode> predict(String input) throws IOException {
    CommandLineRun.Result result =
        CommandLineRun.run(
            List.of(
                "predict",
                folder.resolve("run").toString(),
                "--input",
                folder.resolve(input).toString(),
                "--output",
                folder.resolve("said").toString(),
                "--output-format",
                "json"));
    assertThat(result.code()).as(result.errors()).isZero();
    List<JsonNode> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve("said"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        for (String line : Files.readAllLines(file)) {
          rows.add(new ObjectMapper().readTree(line));
        }
      }
    }
    return rows;
  }

  @Test
  void aTestFolderNeedsTheSameClasses() throws IOException {
    drawImages("pictures", 6, 1);
    drawImages("others", 1, 2);
    CommandLineRun.Result refused = train(images("test_path: " + folder.resolve("others")));
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.errors()).contains("[blue, red]", "[red]", "a folder for each class");
  }

  @Test
  void imagesNeedAShape() throws IOException {
    CommandLineRun.Result refused = train("data: {format: image_folder}\nmodel: [Flatten]\n");
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.errors()).contains("data.shape is missing", "[1 or 3, height, width]");
  }

  /** After each of three letters always the same comes, so a part held out is as predictable. */
  @Test
  void theNextCharacterOfAText() throws IOException {
    Files.writeString(folder.resolve("text.txt"), "abc".repeat(400) + "a");
    CommandLineRun.Result trained =
        train(
            """
            data: {format: characters, path: %s/text.txt, length: 8, test_share: 0.2}
            model: [Embedding: {num: 3, dim: 4}, Linear: {in: 4, out: 3}]
            """
                .formatted(folder));
    assertThat(trained.code()).as(trained.errors()).isZero();
    assertThat(testAccuracy()).isEqualTo(1);
    Files.writeString(folder.resolve("lines.txt"), "abcabcab\nxcabcabca\nbcabcabc\nabc\n");
    List<JsonNode> said = predict("lines.txt");
    Map<String, String> next = new TreeMap<>();
    said.forEach(row -> next.put(row.get("value").asText(), row.path("category").asText("none")));
    assertThat(next)
        .isEqualTo(Map.of("abcabcab", "c", "xcabcabca", "b", "bcabcabc", "a", "abc", "none"));
    assertThat(said.get(0).get("probability")).hasSize(3);
  }
}
