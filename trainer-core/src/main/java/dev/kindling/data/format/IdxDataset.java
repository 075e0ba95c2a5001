package dev.kindling.data.format;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Labelled images of two idx files, as MNIST and its kin come: rows of shape [1, height, width].
 * Immutable and thread-safe.
 */
public final class IdxDataset implements Dataset {
  /** Classes of MNIST, Fashion-MNIST and Kuzushiji-MNIST. */
  private static final int CLASSES = 10;

  private final RowFormat format;
  private final byte[] images;
  private final byte[] labels;

  private IdxDataset(RowFormat format, byte[] images, byte[] labels) {
    this.format = format;
    this.images = images;
    this.labels = labels;
  }

  /** The training images of a folder: {@code train-images-idx3-ubyte}, {@code .gz} or not. */
  public static IdxDataset train(Path folder, Normalisation normalisation) {
    return of(folder, "train", normalisation);
  }

  /** The test images of a folder: {@code t10k-images-idx3-ubyte}, {@code .gz} or not. */
  public static IdxDataset test(Path folder, Normalisation normalisation) {
    return of(folder, "t10k", normalisation);
  }

  private static IdxDataset of(Path folder, String part, Normalisation normalisation) {
    return of(
        find(folder, part + "-images", "idx3-ubyte"),
        find(folder, part + "-labels", "idx1-ubyte"),
        CLASSES,
        normalisation);
  }

  private static Path find(Path folder, String start, String end) {
    List<String> names = new ArrayList<>();
    for (String separator : List.of("-", ".")) {
      names.add(start + separator + end);
      names.add(start + separator + end + ".gz");
    }
    for (String name : names) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new DataException(
        "%s: %s; looked for %s; point data.path at the folder that holds the idx files"
            .formatted(
                folder.toAbsolutePath(),
                Files.isDirectory(folder) ? "the file is missing" : "there is no such folder",
                String.join(", ", names)));
  }

  /**
   * The images and labels of two files.
   *
   * @param classes labels run from 0 to classes - 1
   * @throws DataException when a file is damaged, they do not belong together, or a label is out of
   *     range
   */
  public static IdxDataset of(
      Path imageFile, Path labelFile, int classes, Normalisation normalisation) {
    IdxFile images = IdxFile.read(imageFile, IdxFile.IMAGES);
    IdxFile labels = IdxFile.read(labelFile, IdxFile.LABELS);
    checkCounts(images, labels);
    checkLabels(labels, classes);
    List<Integer> shape = List.of(1, images.shape().get(1), images.shape().get(2));
    RowFormat format =
        new RowFormat(shape, ElementType.UINT8, Target.label(classes), normalisation);
    return new IdxDataset(format, images.values(), labels.values());
  }

  private static void checkCounts(IdxFile images, IdxFile labels) {
    if (!images.shape().get(0).equals(labels.shape().get(0))) {
      throw new DataException(
          "%s has %d images, %s has %d labels; take both files from the same data set"
              .formatted(
                  images.path(), images.shape().get(0), labels.path(), labels.shape().get(0)));
    }
    if (images.shape().contains(0)) {
      throw new DataException(
          "%s: sizes of %s hold no image; copy the right file"
              .formatted(images.path(), images.shape()));
    }
  }

  private static void checkLabels(IdxFile labels, int classes) {
    for (int i = 0; i < labels.values().length; i++) {
      int label = labels.values()[i] & 0xff;
      if (label >= classes) {
        throw new DataException(
            "%s: label %d of image %d is out of range; labels run from 0 to %d; correct the file or the number of classes"
                .formatted(labels.path(), label, i, classes - 1));
      }
    }
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public byte[] row(int index) {
    return new RowEncoder(format)
        .bytes(images, index * format.features())
        .label(labels[index] & 0xff)
        .row();
  }
}
