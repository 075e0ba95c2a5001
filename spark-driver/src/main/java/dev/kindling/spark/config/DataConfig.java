package dev.kindling.spark.config;

import dev.kindling.data.Normalisation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code data}: where the rows come from.
 *
 * @param format {@code digits} (drawn by the project, the default), {@code idx} (MNIST and its kin)
 *     or {@code cifar10} (its binary files)
 * @param path the folder of the files
 * @param mean taken off a pixel in [0, 1]: one number or one a channel; 0 by default
 * @param deviation a pixel is divided by it: one number or one a channel; 1 by default
 */
public record DataConfig(
    String format, Optional<String> path, List<Float> mean, List<Float> deviation) {
  /** The formats that can be written. */
  static final List<String> FORMATS = List.of("digits", "idx", "cifar10");

  static DataConfig of(Section section) {
    DataConfig config =
        new DataConfig(
            section.choice("format", "digits", FORMATS),
            section.text("path"),
            section.floats("mean", List.of(0f)),
            section.floats("deviation", List.of(1f)));
    section.end();
    config.normalisation();
    return config;
  }

  /** How pixels become what the network reads. */
  public Normalisation normalisation() {
    try {
      return Normalisation.pixels(mean, deviation);
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
    map.put("mean", single(mean));
    map.put("deviation", single(deviation));
    return map;
  }

  /** Floats are written with the digits they were read from. */
  private static Object single(List<Float> floats) {
    List<Double> numbers = floats.stream().map(f -> Double.valueOf(f.toString())).toList();
    return numbers.size() == 1 ? numbers.get(0) : numbers;
  }
}
