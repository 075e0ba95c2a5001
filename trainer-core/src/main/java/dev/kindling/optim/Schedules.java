package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Schedules inside of schedules: written as {@code {type: StepLR, step_size: 5 epochs}} wherever
 * one is an argument.
 */
final class Schedules {
  private Schedules() {}

  static Schedule read(Spec spec, String name) {
    return nested(spec, name, spec.arguments().get(name));
  }

  static List<Schedule> readList(Spec spec, String name) {
    return spec.list(name).stream().map(written -> nested(spec, name, written)).toList();
  }

  private static Schedule nested(Spec spec, String name, Object written) {
    if (written instanceof Map<?, ?> map && map.get("type") instanceof String type) {
      Map<String, Object> arguments = new LinkedHashMap<>();
      map.forEach((key, value) -> arguments.put(Objects.toString(key), value));
      arguments.remove("type");
      return Schedule.of(new Spec(type, arguments));
    }
    throw new SpecException(
        "%s: argument '%s' is %s; it must be a schedule, e.g. {type: StepLR, step_size: 5 epochs}"
            .formatted(spec.type(), name, written));
  }

  static Map<String, Object> write(Schedule schedule) {
    Spec spec = schedule.toSpec();
    Map<String, Object> written = new LinkedHashMap<>();
    written.put("type", spec.type());
    written.putAll(spec.arguments());
    return written;
  }

  static List<Map<String, Object>> write(List<Schedule> schedules) {
    return schedules.stream().map(Schedules::write).toList();
  }

  static List<Schedule> atLeastOne(String type, List<Schedule> schedules) {
    if (schedules.isEmpty()) {
      throw new IllegalArgumentException(type + ": schedulers is empty; write at least one");
    }
    if (schedules.stream().filter(s -> s.plateau().isPresent()).count() > 1) {
      throw new IllegalArgumentException(
          type + ": more than one ReduceLROnPlateau in schedulers; keep one");
    }
    return List.copyOf(schedules);
  }

  static Optional<ReduceLROnPlateau> plateauOf(List<Schedule> schedules) {
    return schedules.stream().flatMap(s -> s.plateau().stream()).findFirst();
  }
}
