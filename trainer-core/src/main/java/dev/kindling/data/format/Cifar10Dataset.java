package dev.kindling.data.format;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * CIFAR-10 in its binary layout: records of one label byte and 3072 pixel bytes, [channel R, G,
 * B][row][column]. Rows of shape [3, 32, 32]. Immutable and thread-safe.
 */
public final class Cifar10Dataset implements Dataset {
  /** The names of the classes, by label. */
  public static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** Mean and deviation of each channel over the training images. */
  public static final Normalisation USUAL =
      Normalisation.pixels(List.of(0.4914f, 0.4822f, 0.4465f), List.of(0.2470f, 0.2435f, 0.2616f));

  private static final int RECORD = 1 + 3 * 32 * 32;
  private static final String SUBFOLDER = "cifar-10-batches-bin";

  private final RowFormat format;
  private final List<byte[]> files;

  private Cifar10Dataset(RowFormat format, List<byte[]> files) {
    this.format = format;
    this.files = files;
  }

  /** The training images: {@code data_batch_1.bin} to {@code data_batch_5.bin}. */
  public static Cifar10Dataset train(Path folder, Normalisation normalisation) {
    List<String> names =
        IntStream.rangeClosed(1, 5).mapToObj("data_batch_%d.bin"::formatted).toList();
    return read(folder, names, normalisation);
  }

  /** The test images: {@code test_batch.bin}. */
  public static Cifar10Dataset test(Path folder, Normalisation normalisation) {
    return read(folder, List.of("test_batch.bin"), normalisation);
  }

  /** Files of one folder, or of its folder {@code cifar-10-batches-bin}. */
  private static Cifar10Dataset read(Path folder, List<String> names, Normalisation normalisation) {
    RowFormat format =
        new RowFormat(
            List.of(3, 32, 32), ElementType.UINT8, Target.label(CLASSES.size()), normalisation);
    Path inside = folder.resolve(SUBFOLDER);
    Path home = Files.isDirectory(inside) ? inside : folder;
    return new Cifar10Dataset(
        format, names.stream().map(name -> readFile(home.resolve(name))).toList());
  }

  private static byte[] readFile(Path file) {
    if (!Files.exists(file)) {
      throw new DataException(
          "%s: the file is missing; point data.path at the folder that holds data_batch_1.bin to data_batch_5.bin and test_batch.bin, or %s with them"
              .formatted(file.toAbsolutePath(), SUBFOLDER));
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      check(file, bytes);
      return bytes;
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read (%s); check its permissions".formatted(file, e), e);
    }
  }

  private static void check(Path file, byte[] bytes) {
    if (bytes.length == 0 || bytes.length % RECORD != 0) {
      throw new DataException(
          "%s: %d bytes are no whole number of records of %d; it is truncated or another format, copy it again"
              .formatted(file, bytes.length, RECORD));
    }
    for (int at = 0; at < bytes.length; at += RECORD) {
      if ((bytes[at] & 0xff) >= CLASSES.size()) {
        throw new DataException(
            "%s: label %d of image %d is out of range; labels run from 0 to 9; is it CIFAR-10's binary version?"
                .formatted(file, bytes[at] & 0xff, at / RECORD));
      }
    }
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return files.stream().mapToInt(file -> file.length / RECORD).sum();
  }

  @Override
  public byte[] row(int index) {
    int left = index;
    for (byte[] file : files) {
      if (left < file.length / RECORD) {
        int at = left * RECORD;
        return new RowEncoder(format).bytes(file, at + 1).label(file[at]).row();
      }
      left -= file.length / RECORD;
    }
    throw new IndexOutOfBoundsException("row " + index + " of " + size());
  }
}
