package dev.kindling.spark.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of {@code data} for a folder of images or a text.
 *
 * @param testPath what to evaluate on, like {@code path}; not set: a share of the rows of {@code
 *     path}, which are then not trained on
 * @param testShare that share; 0.1 by default
 * @param shape [channels, height, width] that images are brought to
 * @param length characters of a sequence; 64 by default
 */
public record FilesConfig(
    Optional<String> testPath, double testShare, List<Integer> shape, int length) {
  private static final double TEST_SHARE = 0.1;
  private static final int LENGTH = 64;

  static FilesConfig ofImages(Section section) {
    List<Integer> shape = section.wholes("shape", List.of());
    boolean isPicture = shape.size() == 3 && shape.stream().allMatch(size -> size > 0);
    if (!isPicture || shape.get(0) != 1 && shape.get(0) != 3) {
      throw new ConfigException(
          "data.shape is %s: the format image_folder needs [1 or 3, height, width], to which its images are brought"
              .formatted(shape.isEmpty() ? "missing" : shape));
    }
    return new FilesConfig(section.text("test_path"), share(section), shape, LENGTH);
  }

  static FilesConfig ofCharacters(Section section) {
    int length = section.atLeast(1, "length", LENGTH);
    return new FilesConfig(section.text("test_path"), share(section), List.of(length), length);
  }

  private static double share(Section section) {
    double share = section.number("test_share", TEST_SHARE);
    if (!(share >= 0 && share < 1)) {
      throw new ConfigException(
          "data.test_share is %s; it must be from 0 to below 1".formatted(share));
    }
    return share;
  }

  void write(String format, Map<String, Object> map) {
    testPath.ifPresent(path -> map.put("test_path", path));
    if (testPath.isEmpty()) {
      map.put("test_share", testShare);
    }
    if (format.equals("characters")) {
      map.put("length", length);
    } else {
      map.put("shape", shape);
    }
  }
}
