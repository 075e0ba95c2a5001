package dev.kindling.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule can fail: a small house that breaks each of them is found out. */
class BrokenHouseTest {
  private static final String HOUSE = "dev.kindling.architecture.broken";
  private static final ArchitectureRules RULES = new ArchitectureRules(HOUSE);
  private static final JavaClasses CLASSES = new ClassFileImporter().importPackages(HOUSE);

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "train", "ps"})
  void findsThePackageThatLooksUp(String name) {
    assertThat(RULES.direction(name).evaluate(CLASSES).hasViolation()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("otherRules")
  void findsTheBreachOf(ArchRule rule) {
    assertThat(rule.evaluate(CLASSES).hasViolation()).isTrue();
  }

  static List<ArchRule> otherRules() {
    return RULES.others();
  }
}
