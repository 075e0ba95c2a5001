package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;

/**
 * One rule, with other arguments for some of the parameters. Written as the argument {@code groups}
 * of the rule. A parameter belongs to the first group that fits; a schedule scales the rates of all
 * groups alike.
 *
 * @param rule for parameters in no group
 * @param groups in the order in which they are asked
 */
public record ParameterGroups(Optimizer rule, List<ParameterGroup> groups) implements Optimizer {

  /** Checks that every group's arguments are the rule's, and that its state is of the same kind. */
  public ParameterGroups {
    groups = List.copyOf(groups);
    for (ParameterGroup group : groups) {
      List<String> state = group.applyTo(rule).stateNames();
      if (!state.equals(rule.stateNames())) {
        throw new SpecException(
            "groups: %s keeps the state %s, %s itself %s; change values, not which state there is"
                .formatted(group.write(), state, rule.toSpec().type(), rule.stateNames()));
      }
    }
  }

  @Override
  public double lr() {
    return rule.lr();
  }

  @Override
  public List<String> stateNames() {
    return rule.stateNames();
  }

  @Override
  public Optimizer forParameter(String name, int dims) {
    for (ParameterGroup group : groups) {
      if (group.contains(name, dims)) {
        return group.applyTo(rule);
      }
    }
    return rule;
  }

  @Override
  public void requireMatches(List<String> names) {
    for (ParameterGroup group : groups) {
      for (String pattern : group.unused(names)) {
        throw new SpecException(
            "groups: no parameter fits '%s'; there are %s"
                .formatted(pattern, String.join(", ", names)));
      }
    }
  }

  @Override
  public void update(Update u) {
    rule.update(u);
  }

  @Override
  public Spec toSpec() {
    List<?> written = groups.stream().map(ParameterGroup::write).toList();
    return Written.with(rule.toSpec(), Written.GROUPS, written);
  }
}
