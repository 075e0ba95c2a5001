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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Images in a folder for each class: {@code root/cat/1.png}, {@code root/dog/2.jpg}. Classes are
 * numbered in the order of their names. Rows of shape [channels, height, width]; an image is
 * decoded when its row is asked for. Immutable and thread-safe.
 */
public final class ImageFolder implements Dataset {
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg");

  private final RowFormat format;
  private final List<String> classes;
  private final List<Labelled> images;

  private record Labelled(Path file, int label) {}

  private ImageFolder(RowFormat format, List<String> classes, List<Labelled> images) {
    this.format = format;
    this.classes = classes;
    this.images = images;
  }

  /**
   * Finds the images of a folder.
   *
   * @param shape [channels, height, width]; images of another size are scaled to it
   * @throws DataException when there is no such folder, no class or no image
   */
  public static ImageFolder of(Path root, List<Integer> shape, Normalisation normalisation) {
    if (shape.size() != 3 || (shape.get(0) != 1 && shape.get(0) != 3)) {
      throw new IllegalArgumentException(
          "image folder: shape is " + shape + "; it must be [1 or 3, height, width]");
    }
    List<Path> folders = list(root).filter(Files::isDirectory).toList();
    List<Labelled> images = new ArrayList<>();
    for (Path folder : folders) {
      int label = folders.indexOf(folder);
      list(folder).filter(ImageFolder::isImage).forEach(f -> images.add(new Labelled(f, label)));
    }
    if (images.isEmpty()) {
      throw new DataException(
          "%s: no images in %d folders of classes; put png or jpeg files into a folder for each class"
              .formatted(root.toAbsolutePath(), folders.size()));
    }
    RowFormat format =
        new RowFormat(shape, ElementType.UINT8, Target.label(folders.size()), normalisation);
    return new ImageFolder(format, folders.stream().map(ImageFolder::name).toList(), images);
  }

  /** By name, so that the order does not depend on the file system. */
  private static Stream<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted(Comparator.comparing(ImageFolder::name)).toList().stream();
    } catch (IOException e) {
      throw new DataException(
          "%s: the folder cannot be listed (%s); check its name and permissions"
              .formatted(folder.toAbsolutePath(), e),
          e);
    }
  }

  private static String name(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  private static boolean isImage(Path file) {
    String name = name(file).toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** The names of the classes, by label. */
  public List<String> classes() {
    return classes;
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public byte[] row(int index) {
    Labelled image = images.get(index);
    byte[] pixels = ImagePixels.read(image.file, format.shape());
    return new RowEncoder(format).bytes(pixels, 0).label(image.label).row();
  }
}
