package dev.kindling.optim;

import dev.kindling.spec.NamePattern;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Parameters that one rule treats in another way: which they are, and the arguments that differ.
 * Written as {@code {match: "*.bias", weight_decay: 0}} or {@code {dims: 1, weight_decay: 0,
 * lr_factor: 2}}. Immutable.
 *
 * @param match patterns of names, any of which fits, where {@code *} stands for any letters and
 *     {@code ?} for one; empty: every name
 * @param dims the most dimensions that the parameter may have: 1 for biases and normalisation; any
 *     by default
 * @param arguments of the optimizer, which take the place of its own; {@code lr_factor} multiplies
 *     the rate
 */
public record ParameterGroup(List<String> match, int dims, Map<String, Object> arguments)
    implements Serializable {
  private static final String LR_FACTOR = "lr_factor";

  /** Copies the arguments; needs a criterion. */
  public ParameterGroup {
    match = List.copyOf(match);
    arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    if (match.isEmpty() && dims == Integer.MAX_VALUE) {
      throw new SpecException(
          "groups: "
              + arguments
              + " says not which parameters it is for; write match: \"*.bias\" or dims: 1");
    }
  }

  /** Names that match a pattern: {@code ParameterGroup.matching("*.bias", "weight_decay", 0)}. */
  public static ParameterGroup matching(String pattern, Object... namesAndValues) {
    return new ParameterGroup(
        List.of(pattern), Integer.MAX_VALUE, Spec.of("group", namesAndValues).arguments());
  }

  /** Parameters of at most so many dimensions. */
  public static ParameterGroup upTo(int dims, Object... namesAndValues) {
    return new ParameterGroup(List.of(), dims, Spec.of("group", namesAndValues).arguments());
  }

  static ParameterGroup read(Object written) {
    if (!(written instanceof Map<?, ?> map)) {
      throw new SpecException(
          "groups: %s is not a group, e.g. {match: \"*.bias\", weight_decay: 0}"
              .formatted(written));
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    map.forEach((key, value) -> arguments.put(Objects.toString(key), value));
    int dims = new Spec("groups", arguments).integer("dims", Integer.MAX_VALUE);
    List<String> match = patterns(arguments.get("match"));
    arguments.keySet().removeAll(List.of("match", "dims"));
    return new ParameterGroup(match, dims, arguments);
  }

  private static List<String> patterns(Object written) {
    if (written == null) {
      return List.of();
    }
    return written instanceof Collection<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of(written.toString());
  }

  Map<String, Object> write() {
    Map<String, Object> written = new LinkedHashMap<>();
    if (!match.isEmpty()) {
      written.put("match", match);
    }
    if (dims != Integer.MAX_VALUE) {
      written.put("dims", dims);
    }
    written.putAll(arguments);
    return written;
  }

  /** Whether a parameter belongs to the group. */
  boolean contains(String name, int dimensions) {
    return dimensions <= dims
        && (match.isEmpty() || match.stream().anyMatch(pattern -> NamePattern.fits(pattern, name)));
  }

  /** The patterns that fit none of the names. */
  List<String> unused(List<String> names) {
    List<String> unused = new ArrayList<>(match);
    unused.removeIf(pattern -> names.stream().anyMatch(name -> NamePattern.fits(pattern, name)));
    return unused;
  }

  /** The rule with the arguments of this group. */
  Optimizer applyTo(Optimizer rule) {
    Spec spec = rule.toSpec();
    Map<String, Object> changed = new LinkedHashMap<>(spec.arguments());
    changed.putAll(arguments);
    Object factor = changed.remove(LR_FACTOR);
    if (factor != null) {
      changed.put("lr", new Spec("groups", changed).number("lr") * factor(factor));
    }
    return Optimizer.of(new Spec(spec.type(), changed));
  }

  private static double factor(Object written) {
    return Spec.of("groups", LR_FACTOR, written).number(LR_FACTOR);
  }
}
