package dev.kindling.data.format;

import dev.kindling.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The pixels of an image file as bytes [channel][row][column]. */
public final class ImagePixels {
  private ImagePixels() {}

  /** Reads a file, scaled to [channels, height, width] where its size differs. */
  static byte[] read(Path file, List<Integer> shape) {
    return of(decode(file), shape.get(0), shape.get(1), shape.get(2));
  }

  /**
   * Reads the bytes of a png or jpeg file, scaled to [channels, height, width] where its size
   * differs; empty where they are none.
   *
   * @param channels 1 or 3
   */
  public static Optional<byte[]> read(byte[] file, int channels, int height, int width) {
    try {
      return Optional.ofNullable(decode(file)).map(image -> of(image, channels, height, width));
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty(); // what ImageIO makes of bytes that are damaged
    }
  }

  private static BufferedImage decode(Path file) {
    try {
      BufferedImage image = decode(Files.readAllBytes(file));
      if (image != null) {
        return image;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(file, e);
    }
    throw unreadable(file, null);
  }

  /**
   * In memory, since ImageIO would cache a plain stream in a temporary file; it closes this one.
   */
  private static BufferedImage decode(byte[] file) throws IOException {
    return ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)));
  }

  private static DataException unreadable(Path file, Exception cause) {
    return new DataException(
        "%s: not a readable png or jpeg image%s; convert it to RGB or grey png, or remove it"
            .formatted(file, cause == null ? "" : " (" + cause.getMessage() + ")"),
        cause);
  }

  private static byte[] of(BufferedImage image, int channels, int height, int width) {
    int[] source = samples(image, channels);
    byte[] pixels = new byte[channels * height * width];
    int from = image.getWidth() * image.getHeight();
    int to = height * width;
    for (int c = 0; c < channels; c++) {
      scale(source, c * from, image.getHeight(), image.getWidth(), pixels, c * to, height, width);
    }
    return pixels;
  }

  /** Values from 0 to 255, [channel][row][column]. */
  private static int[] samples(BufferedImage image, int channels) {
    int plane = image.getWidth() * image.getHeight();
    int[] values = new int[channels * plane];
    boolean grey = isGrey(image);
    for (int p = 0; p < plane; p++) {
      int x = p % image.getWidth();
      int y = p / image.getWidth();
      int rgb = grey ? greyAt(image, x, y) * 0x010101 : image.getRGB(x, y);
      if (channels == 1) {
        values[p] = grey ? rgb & 0xff : luma(rgb);
      } else {
        values[p] = rgb >> 16 & 0xff;
        values[plane + p] = rgb >> 8 & 0xff;
        values[2 * plane + p] = rgb & 0xff;
      }
    }
    return values;
  }

  private static boolean isGrey(BufferedImage image) {
    return image.getRaster().getNumBands() <= 2
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  /** The stored value; getRGB would change it, since it takes grey for linear light. */
  private static int greyAt(BufferedImage image, int x, int y) {
    int bits = image.getColorModel().getComponentSize(0);
    return image.getRaster().getSample(x, y, 0) >> Math.max(0, bits - 8);
  }

  /** Brightness by the weights of ITU-R 601. */
  private static int luma(int rgb) {
    return (299 * (rgb >> 16 & 0xff) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff) + 500) / 1000;
  }

  /** Bilinear between the centres of pixels; the same bits on every machine. */
  private static void scale(
      int[] source, int from, int rows, int columns, byte[] into, int to, int height, int width) {
    for (int y = 0; y < height; y++) {
      float v = centre(y, height, rows);
      int top = (int) v;
      int below = Math.min(rows - 1, top + 1);
      for (int x = 0; x < width; x++) {
        float u = centre(x, width, columns);
        int left = (int) u;
        int right = Math.min(columns - 1, left + 1);
        float above = mix(source, from + top * columns, left, right, u - left);
        float under = mix(source, from + below * columns, left, right, u - left);
        into[to + y * width + x] = (byte) (int) (above + (v - top) * (under - above) + 0.5f);
      }
    }
  }

  private static float mix(int[] source, int row, int left, int right, float share) {
    return source[row + left] + share * (source[row + right] - source[row + left]);
  }

  /** Where the centre of pixel i of {@code size} lies among {@code sourceSize} pixels. */
  private static float centre(int i, int size, int sourceSize) {
    float place = (i + 0.5f) * sourceSize / size - 0.5f;
    return Math.max(0, Math.min(sourceSize - 1, place));
  }
}
