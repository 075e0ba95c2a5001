package dev.kindling.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.io.ObjectInputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of the design, for the packages below a root. The root is a parameter so that the same
 * rules can be shown to fail on a small broken copy of the house.
 *
 * @param root the package that holds kernel, tensor, ..., ps, spark
 */
record ArchitectureRules(String root) {

  /** What each package of the root may use beside itself; the order is bottom up. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          entry("kernel", Set.of()),
          entry("spec", Set.of()),
          // Tensor and tape are one core: an op makes a tensor, a tensor knows the op that made it.
          entry("tensor", Set.of("kernel", "autograd")),
          entry("autograd", Set.of("kernel", "tensor")),
          entry("io", Set.of("kernel", "tensor")),
          entry("data", Set.of("kernel", "spec", "io")),
          entry("optim", Set.of("kernel", "spec")),
          entry("nn", Set.of("kernel", "spec", "tensor", "autograd")),
          entry("train", core()),
          entry("bench", core("train")),
          entry("federated", core("train")),
          entry("ps", core("train")),
          entry("spark", core("train", "federated", "bench", "ps")));

  private static Set<String> core(String... more) {
    return Stream.concat(
            Stream.of("kernel", "spec", "tensor", "autograd", "io", "data", "optim", "nn"),
            Stream.of(more))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The packages that the table of directions knows. */
  static Set<String> packages() {
    return MAY_USE.keySet();
  }

  /** The package uses nothing of Kindling but what the table allows. */
  ArchRule direction(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), MAY_USE.get(name).stream())
            .map(this::below)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(below(name))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed).or(resideOutsideOfPackage(root + "..")))
        .because("the modules and packages have one direction");
  }

  /** Every other rule, by what it says. */
  List<ArchRule> others() {
    return List.of(
        noCycles("ps"),
        noCycles("spark"),
        onlyIn("org.apache.spark..", "spark"),
        onlyIn("org.apache.hadoop..", "spark"),
        onlyIn("io.netty..", "ps"),
        exitOnlyInTheCommandLine(),
        noJavaUtilLogging(),
        noSessionFromTheAir(),
        noMutableStatics(),
        noJavaSerialisationOnTheWire());
  }

  ArchRule noCycles(String name) {
    return slices().matching(root + "." + name + ".(*)..").should().beFreeOfCycles();
  }

  /** Only the named package, and what is below it, touches the library. */
  ArchRule onlyIn(String library, String name) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackage(below(name))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }

  ArchRule exitOnlyInTheCommandLine() {
    return outsideOfTheCommandLine()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .because("a library never ends its caller's process");
  }

  ArchRule noJavaUtilLogging() {
    return noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");
  }

  ArchRule noSessionFromTheAir() {
    return outsideOfTheCommandLine()
        .and()
        .resideOutsideOfPackage("dev.kindling.spark.data.source")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "find a Spark session or context by themselves",
                call ->
                    call.getTargetOwner().getPackageName().startsWith("org.apache.spark")
                        && Set.of("getOrCreate", "active", "getActiveSession", "getDefaultSession")
                            .contains(call.getName())))
        .because(
            "the caller's session is handed down; only a reader that Spark itself makes is given none");
  }

  ArchRule noMutableStatics() {
    return fields().that().areStatic().should().beFinal().because("no state is global");
  }

  ArchRule noJavaSerialisationOnTheWire() {
    return noClasses()
        .that()
        .resideInAPackage(below("ps"))
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ObjectInputStream.class)
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("com.esotericsoftware..")
        .because("bytes of a peer never choose a class");
  }

  private GivenClassesConjunction outsideOfTheCommandLine() {
    return noClasses().that().resideOutsideOfPackage(root + "..cli..");
  }

  private String below(String name) {
    return root + "." + name + "..";
  }
}
