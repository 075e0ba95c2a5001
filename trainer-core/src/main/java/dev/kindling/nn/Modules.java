package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads modules from their written form. */
public final class Modules {
  private static final Map<String, Function<Spec, Module>> READERS =
      Map.of(
          "Sequential",
          Modules::sequential,
          "Linear",
          Linear::of,
          "ReLU",
          spec -> plain(spec, new ReLU()),
          "Flatten",
          spec -> plain(spec, new Flatten()));

  private Modules() {}

  /**
   * Reads a module.
   *
   * @throws SpecException naming an unknown layer or argument and the nearest known one
   */
  public static Module of(Spec spec) {
    Function<Spec, Module> reader = READERS.get(spec.type());
    if (reader == null) {
      throw SpecException.unknown("model", "layer", spec.type(), new TreeMap<>(READERS).keySet());
    }
    return reader.apply(spec);
  }

  private static Module plain(Spec spec, Module module) {
    spec.allow();
    return module;
  }

  private static Module sequential(Spec spec) {
    List<Module> layers = spec.allow("layers").list("layers").stream().map(Modules::layer).toList();
    return new Sequential(layers);
  }

  private static Module layer(Object written) {
    if (written instanceof Spec spec) {
      return of(spec);
    }
    throw new SpecException("model: " + written + " is not a layer");
  }
}
