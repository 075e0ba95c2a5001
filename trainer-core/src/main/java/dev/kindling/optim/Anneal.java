package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;
import java.util.Locale;

/** How a factor goes from one value to another. */
public enum Anneal {
  /** Half a cosine: flat at both ends. */
  COS,
  /** A straight line. */
  LINEAR;

  /** The value at a share of the way, 0 at {@code start} and 1 at {@code end}. */
  double between(double start, double end, double share) {
    return this == LINEAR
        ? start + (end - start) * share
        : end + (start - end) / 2 * (1 + StrictMath.cos(Math.PI * share));
  }

  static Anneal read(Spec spec, String name) {
    String written = spec.text(name, "cos");
    return switch (written) {
      case "cos" -> COS;
      case "linear" -> LINEAR;
      default -> throw SpecException.unknown(spec.type(), name, written, List.of("cos", "linear"));
    };
  }

  String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}
