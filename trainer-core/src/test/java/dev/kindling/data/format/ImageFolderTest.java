package dev.kindling.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RealData;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFolders() throws IOException {
    Files.createDirectories(folder.resolve("dog"));
    Files.createDirectories(folder.resolve("cat"));
    Files.writeString(folder.resolve("cat/notes.txt"), "no image");
    Files.writeString(folder.resolve("README.txt"), "no class");
  }

  private void save(String name, int type, int[][] rgb) throws IOException {
    BufferedImage image = new BufferedImage(rgb[0].length, rgb.length, type);
    for (int y = 0; y < rgb.length; y++) {
      for (int x = 0; x < rgb[0].length; x++) {
        if (type == BufferedImage.TYPE_BYTE_GRAY) {
          image.getRaster().setSample(x, y, 0, rgb[y][x]);
        } else {
          image.setRGB(x, y, rgb[y][x]);
        }
      }
    }
    ImageIO.write(image, name.endsWith("png") ? "png" : "jpg", folder.resolve(name).toFile());
  }

  private ImageFolder read(int channels, int height, int width) {
    return ImageFolder.of(folder, List.of(channels, height, width), Normalisation.pixels());
  }

  private static int[] features(Dataset data, int index) {
    byte[] row = data.row(index);
    int[] features = new int[data.format().features()];
    Arrays.setAll(features, i -> row[i] & 0xff);
    return features;
  }

  @Test
  void classesAreNumberedByNameAndChannelsComeFirst() throws IOException {
    save("dog/b.PNG.png", BufferedImage.TYPE_INT_RGB, new int[][] {{0x102030, 0x405060}});
    save("dog/a.png", BufferedImage.TYPE_INT_ARGB, new int[][] {{0xff010203, 0xff040506}});
    save("cat/c.png", BufferedImage.TYPE_BYTE_GRAY, new int[][] {{100, 200}});
    ImageFolder images = read(3, 1, 2);
    assertThat(images.classes()).containsExactly("cat", "dog");
    assertThat(images.size()).isEqualTo(3);
    assertThat(features(images, 0)).containsExactly(100, 200, 100, 200, 100, 200);
    assertThat(features(images, 1)).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(features(images, 2)).containsExactly(0x10, 0x40, 0x20, 0x50, 0x30, 0x60);
    assertThat(images.row(0)[6]).isEqualTo((byte) 0);
    assertThat(images.row(1)[6]).isEqualTo((byte) 1);
  }

  @Test
  void coloursBecomeGreyByTheirBrightness() throws IOException {
    save("cat/c.png", BufferedImage.TYPE_INT_RGB, new int[][] {{0xff0000, 0x00ff00, 0x0000ff}});
    save("dog/c.png", BufferedImage.TYPE_BYTE_INDEXED, new int[][] {{0, 0xffffff, 0}});
    ImageFolder images = read(1, 1, 3);
    assertThat(features(images, 0)).containsExactly(76, 150, 29);
    assertThat(features(images, 1)).containsExactly(0, 255, 0);
  }

  @Test
  void otherSizesAreScaledBetweenPixels() throws IOException {
    save("cat/c.png", BufferedImage.TYPE_BYTE_GRAY, new int[][] {{0, 100}, {200, 40}});
    assertThat(features(read(1, 1, 1), 0)).containsExactly(85);
    assertThat(features(read(1, 2, 4), 0)).containsExactly(0, 25, 75, 100, 200, 160, 80, 40);
  }

  @Test
  void jpegIsRead() throws IOException {
    int[][] grey = new int[8][8];
    for (int[] row : grey) {
      Arrays.fill(row, 0x808080);
    }
    save("cat/c.jpg", BufferedImage.TYPE_INT_RGB, grey);
    assertThat(Arrays.stream(features(read(3, 8, 8), 0)).boxed().toList())
        .allSatisfy(value -> assertThat(value).isBetween(126, 130));
  }

  @Test
  void brokenImagesAndEmptyFoldersAreNamed() throws IOException {
    assertThatThrownBy(() -> read(3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no images in 2 folders");
    Files.write(folder.resolve("cat/bad.png"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> read(3, 8, 8).row(0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bad.png: not a readable png or jpeg");
    assertThatThrownBy(
            () -> ImageFolder.of(folder.resolve("x"), List.of(3, 8, 8), Normalisation.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be listed");
    assertThatThrownBy(() -> read(2, 8, 8)).hasMessageContaining("[1 or 3, height, width]");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = RealData.VARIABLE, matches = ".+")
  void readsTheJpegsOfCifar10InsideTheirArchive() throws IOException {
    Path archive = RealData.folder("cifar10").resolve("cifar10-jpeg.zip");
    try (FileSystem zip = FileSystems.newFileSystem(archive)) {
      ImageFolder images =
          ImageFolder.of(zip.getPath("test"), List.of(3, 32, 32), Cifar10Dataset.USUAL);
      assertThat(images.classes()).isEqualTo(Cifar10Dataset.CLASSES);
      assertThat(images.size()).isEqualTo(10_000);
      assertThat(images.row(9_999)[3072]).isEqualTo((byte) 9);
    }
  }
}
