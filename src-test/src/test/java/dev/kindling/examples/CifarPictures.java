package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.EncodedRows;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.data.format.Cifar10Dataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/** CIFAR-10 as a zip of pictures, {@code train/airplane/0000.jpg} and so on. */
final class CifarPictures {
  private static final int PLANE = 32 * 32;

  private CifarPictures() {}

  /** The pictures of a folder of the zip, of each class those numbered below a limit. */
  static Dataset read(Path zip, String folder, int limit) throws IOException {
    RowFormat format =
        new RowFormat(
            List.of(3, 32, 32),
            ElementType.UINT8,
            Target.label(Cifar10Dataset.CLASSES.size()),
            Cifar10Dataset.USUAL);
    List<byte[]> rows = new ArrayList<>();
    try (ZipFile pictures = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : Collections.list(pictures.entries())) {
        String[] name = entry.getName().split("[/.]");
        if (entry.getName().endsWith(".jpg")
            && name[0].equals(folder)
            && Integer.parseInt(name[2]) < limit) {
          BufferedImage image = ImageIO.read(pictures.getInputStream(entry));
          int label = Cifar10Dataset.CLASSES.indexOf(name[1]);
          rows.add(new RowEncoder(format).bytes(planes(image), 0).label(label).row());
        }
      }
    }
    return new EncodedRows(format, rows);
  }

  /** [channel R, G, B][row][column]. */
  private static byte[] planes(BufferedImage image) {
    byte[] planes = new byte[3 * PLANE];
    for (int p = 0; p < PLANE; p++) {
      int rgb = image.getRGB(p % 32, p / 32);
      planes[p] = (byte) (rgb >> 16);
      planes[PLANE + p] = (byte) (rgb >> 8);
      planes[2 * PLANE + p] = (byte) rgb;
    }
    return planes;
  }
}
