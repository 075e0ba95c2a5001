package dev.kindling.spark.config;

import dev.kindling.data.Normalisation;
import dev.kindling.data.augment.Transform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code data}: where the rows come from.
 *
 * @param format {@code digits} (drawn by the project, the default), {@code idx} (MNIST and its
 *     kin), {@code cifar10} (its binary files), {@code image_folder} (png and jpeg files in a
 *     folder for each class), {@code characters} (a text, of which the next character is
 *     predicted), or one that Spark reads: {@code parquet}, {@code orc}, {@code csv}, {@code json},
 *     {@code binaryFile}, {@code image}
 * @param path the folder of the files, or what else Spark's reader takes
 * @param scale a stored number is multiplied by it first; 1/255 for pixels, else 1
 * @param mean taken off a pixel in [0, 1]: one number or one a channel; 0 by default
 * @param deviation a pixel is divided by it: one number or one a channel; 1 by default
 * @param transforms random changes of the training images, in order, drawn from {@code train.seed};
 *     none by default
 * @param files what a folder of images or a text is to the network
 * @param validation share of the training rows that is evaluated after each epoch instead of the
 *     test rows; 0, the default, holds none out
 * @param frame what the columns are, where Spark reads them
 */
public record DataConfig(
    String format,
    Optional<String> path,
    float scale,
    List<Float> mean,
    List<Float> deviation,
    List<Transform> transforms,
    Optional<FilesConfig> files,
    double validation,
    Optional<FrameConfig> frame) {
  /** The formats that can be written. */
  static final List<String> FORMATS =
      List.of(
          "digits",
          "idx",
          "cifar10",
          "image_folder",
          "characters",
          "parquet",
          "orc",
          "csv",
          "json",
          "binaryFile",
          "image",
          "text");

  private static final List<String> OWN = FORMATS.subList(0, 5);
  private static final List<String> PIXELS =
      List.of("digits", "idx", "cifar10", "image_folder", "binaryFile", "image");

  static DataConfig of(Section section) {
    String format = section.choice("format", "digits", FORMATS);
    float usual = PIXELS.contains(format) ? Normalisation.pixels().scale() : 1;
    DataConfig config =
        new DataConfig(
            format,
            section.text("path"),
            OWN.contains(format) ? usual : section.floats("scale", List.of(usual)).get(0),
            section.floats("mean", List.of(0f)),
            section.floats("deviation", List.of(1f)),
            transforms(section),
            files(format, section),
            validation(section),
            OWN.contains(format) ? Optional.empty() : Optional.of(FrameConfig.of(section)));
    section.end();
    config.normalisation();
    return config;
  }

  private static Optional<FilesConfig> files(String format, Section section) {
    return switch (format) {
      case "image_folder" -> Optional.of(FilesConfig.ofImages(section));
      case "characters" -> Optional.of(FilesConfig.ofCharacters(section));
      default -> Optional.empty();
    };
  }

  private static double validation(Section data) {
    if (data.find("validation").isEmpty()) {
      return 0;
    }
    Section section = data.section("validation");
    double fraction = section.number("fraction", 0);
    section.end();
    if (!(fraction > 0 && fraction < 1)) {
      throw new ConfigException(
          "%s: data.validation.fraction is %s; it must be above 0 and below 1, e.g. 0.1"
              .formatted(data.find("validation").orElseThrow().where(), fraction));
    }
    return fraction;
  }

  private static List<Transform> transforms(Section section) {
    List<Transform> transforms = new ArrayList<>();
    section
        .find("transforms")
        .ifPresent(
            list ->
                Described.readList("data.transforms", list, t -> transforms.add(Transform.of(t))));
    return List.copyOf(transforms);
  }

  /** How pixels become what the network reads. */
  public Normalisation normalisation() {
    try {
      return new Normalisation(scale, mean, deviation);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("data.mean, data.deviation: " + e.getMessage(), e);
    }
  }

  /** The folder of the files, which this format needs. */
  public String requiredPath() {
    return path.orElseThrow(
        () ->
            new ConfigException(
                "data.path is missing: the format %s needs the folder of its files; add --set data.path=FOLDER"
                    .formatted(format)));
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("format", format);
    path.ifPresent(folder -> map.put("path", folder));
    frame.ifPresent(columns -> map.put("scale", Double.valueOf(Float.toString(scale))));
    map.put("mean", single(mean));
    map.put("deviation", single(deviation));
    if (!transforms.isEmpty()) {
      map.put("transforms", transforms.stream().map(t -> t.toSpec().written()).toList());
    }
    files.ifPresent(keys -> keys.write(format, map));
    if (validation > 0) {
      map.put("validation", Map.of("fraction", validation));
    }
    frame.ifPresent(columns -> columns.write(map));
    return map;
  }

  /** Floats are written with the digits they were read from. */
  private static Object single(List<Float> floats) {
    List<Double> numbers = floats.stream().map(f -> Double.valueOf(f.toString())).toList();
    return numbers.size() == 1 ? numbers.get(0) : numbers;
  }
}
