package dev.kindling.spark.data.source;

import dev.kindling.data.DataException;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code idx}: images and labels as MNIST and its kin come, two files a part, gzip'ed or not, of
 * ten classes.
 */
public final class IdxSource extends RecordSource {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;
  private static final int CLASSES = 10;

  @Override
  public String shortName() {
    return "idx";
  }

  @Override
  List<Records> records(HadoopFiles files, String path, String part) {
    String start = part.equals("train") ? "train" : "t10k";
    String images = files.find(path, names(start + "-images", "idx3-ubyte"));
    String labels = files.find(path, names(start + "-labels", "idx1-ubyte"));
    int[] image = sizes(files, images, IMAGES);
    int[] label = sizes(files, labels, LABELS);
    if (image[0] != label[0]) {
      throw new DataException(
          "%s has %d images, %s %d labels; they do not belong together"
              .formatted(images, image[0], labels, label[0]));
    }
    int features = Math.multiplyExact(image[1], image[2]);
    check(files, images, 16 + (long) image[0] * features);
    check(files, labels, 8 + (long) label[0]);
    return List.of(new Records(images, 16, features, labels, 8, CLASSES, 0, image[0]));
  }

  private static List<String> names(String start, String end) {
    return Stream.of("-", ".")
        .flatMap(separator -> Stream.of("", ".gz").map(zip -> start + separator + end + zip))
        .toList();
  }

  /** The sizes in the head of a file. */
  private static int[] sizes(HadoopFiles files, String file, int magic) {
    try (DataInputStream in = files.open(file, 0)) {
      int found = in.readInt();
      if (found != magic) {
        throw new DataException(
            "%s: it starts with 0x%08x, not 0x%08x; is it the right file?"
                .formatted(file, found, magic));
      }
      int[] sizes = new int[magic & 0xff];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = in.readInt();
      }
      return sizes;
    } catch (IOException e) {
      throw HadoopFiles.unreadable(file, e);
    }
  }

  private static void check(HadoopFiles files, String file, long bytes) {
    if (!files.isZipped(file) && files.length(file) != bytes) {
      throw new DataException(
          "%s: its head says %d bytes, it has %d; copy it again"
              .formatted(file, bytes, files.length(file)));
    }
  }
}
