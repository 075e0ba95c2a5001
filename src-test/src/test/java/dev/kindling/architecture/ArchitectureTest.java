package dev.kindling.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classes of every module keep the rules of the architecture. */
class ArchitectureTest {
  private static final ArchitectureRules RULES = new ArchitectureRules("dev.kindling");
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.kindling");

  @Test
  void everyPackageHasAPlaceInTheTableOfDirections() {
    assertThat(ArchitectureRules.packages()).containsAll(packagesThatExist());
  }

  @ParameterizedTest
  @MethodSource("packagesThatExist")
  void packagesUseOnlyWhatLiesBelowThem(String name) {
    RULES.direction(name).check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("otherRules")
  void keeps(ArchRule rule) {
    rule.check(CLASSES);
  }

  static Set<String> packagesThatExist() {
    return CLASSES.stream()
        .map(type -> type.getPackageName().split("\\.", -1))
        .filter(parts -> parts.length > 2)
        .map(parts -> parts[2])
        .collect(Collectors.toSet());
  }

  /** A rule may find nothing to look at only while a module has no class yet. */
  static Stream<ArchRule> otherRules() {
    boolean growing = !packagesThatExist().containsAll(ArchitectureRules.packages());
    return RULES.others().stream().map(rule -> rule.allowEmptyShould(growing));
  }
}
