package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments that every rule takes beside its own: {@code groups}, {@code clip_value}, {@code
 * clip_norm}.
 */
final class Written {
  static final String GROUPS = "groups";
  static final String CLIP_VALUE = "clip_value";
  static final String CLIP_NORM = "clip_norm";

  private Written() {}

  /** The spec with one more argument. */
  static Spec with(Spec spec, String name, Object value) {
    Map<String, Object> arguments = new LinkedHashMap<>(spec.arguments());
    arguments.put(name, value);
    return new Spec(spec.type(), arguments);
  }

  /** The spec without the arguments that every rule takes. */
  static Spec own(Spec spec) {
    Map<String, Object> arguments = new LinkedHashMap<>(spec.arguments());
    arguments.keySet().removeAll(List.of(GROUPS, CLIP_VALUE, CLIP_NORM));
    return new Spec(spec.type(), arguments);
  }

  /** The rule inside of what the common arguments ask for. */
  static Optimizer around(Optimizer rule, Spec spec) {
    Optimizer optimizer = rule;
    if (spec.has(GROUPS)) {
      List<ParameterGroup> groups = spec.list(GROUPS).stream().map(ParameterGroup::read).toList();
      optimizer = new ParameterGroups(optimizer, groups);
    }
    if (spec.has(CLIP_NORM)) {
      optimizer = new ClipByNorm(optimizer, spec.number(CLIP_NORM));
    }
    if (spec.has(CLIP_VALUE)) {
      optimizer = new ClipByValue(optimizer, spec.number(CLIP_VALUE));
    }
    return optimizer;
  }
}
