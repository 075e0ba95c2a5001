package dev.kindling.distribution;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the distribution, and what must not be. */
class DistributionIT {
  private static final Path HOME =
      Path.of(System.getProperty("kindling.distribution", "../deploy/target/kindling"));
  private static List<String> entries;

  @BeforeAll
  static void readApplicationJar() throws IOException {
    try (JarFile jar = applicationJar()) {
      entries = jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  @Test
  void applicationJarHoldsOnlyKindlingAndWhatItRelocated() {
    assertThat(entries)
        .filteredOn(name -> name.endsWith(".class"))
        .hasSizeGreaterThan(100)
        .allMatch(name -> name.startsWith("dev/kindling/"), "below dev/kindling");
  }

  @Test
  void applicationJarHoldsNothingThatAClusterBrings() throws IOException {
    Set<String> ofTheCluster = Set.copyOf(classesOfTheCluster());
    assertThat(entries)
        .filteredOn(name -> name.endsWith(".class"))
        .noneMatch(ofTheCluster::contains);
  }

  @Test
  void applicationJarHoldsNoNativeCode() {
    assertThat(entries).noneMatch(name -> name.matches(".*\\.(so|dll|dylib|jnilib)"));
  }

  @Test
  void servicesOfTheApplicationJarNameClassesInIt() throws IOException {
    try (JarFile jar = applicationJar()) {
      for (String service :
          entries.stream().filter(e -> e.startsWith("META-INF/services/")).toList()) {
        assertThat(providers(jar, service)).as(service).isNotEmpty().allMatch(entries::contains);
      }
    }
  }

  @Test
  void jarsHoldOneVersionOfEachArtifact() throws IOException {
    try (Stream<Path> jars = Files.list(HOME.resolve("jars"))) {
      var twice =
          jars.map(
                  jar ->
                      jar.getFileName()
                          .toString()
                          .replaceFirst("-\\d[\\w.]*?(?=(-[a-z]|\\.jar))", ""))
              .collect(groupingBy(identity(), counting()));
      assertThat(twice)
          .as("run `./mvnw clean`: the build adds to jars/ and takes nothing away")
          .allSatisfy((name, count) -> assertThat(count).as(name).isEqualTo(1));
    }
  }

  @Test
  void looksLikeASparkHome() {
    assertThat(HOME.resolve("RELEASE")).isRegularFile();
    assertThat(HOME.resolve("jars")).isDirectoryContaining("glob:**/spark-core_2.13-*.jar");
    assertThat(HOME.resolve("bin").resolve("kindling")).isExecutable();
  }

  /** Nobody has configured the log: warnings on the terminal, all else in the run directory. */
  @Test
  void aPlainSparkSubmitIsQuietAndLeavesItsLog(@TempDir Path folder) throws Exception {
    Path home = HOME.toRealPath();
    ProcessBuilder submit =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + home.resolve("conf/jvm.options"),
                "-Xmx512m",
                "-cp",
                home.resolve("jars") + "/*",
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                "local[2]",
                "--class",
                "dev.kindling.spark.cli.Main",
                home.resolve("kindling.jar").toString(),
                "train",
                home.resolve("examples/digits-mlp.yaml").toString(),
                "--set",
                "train.epochs=1",
                "--run-dir",
                folder.resolve("run").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    submit.environment().put("SPARK_HOME", home.toString());
    submit.environment().put("SPARK_SCALA_VERSION", "2.13");
    Process process = submit.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    String output = Files.readString(folder.resolve("output"));
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).contains("saved in ").doesNotContain("INFO DAGScheduler");
    assertThat(Files.readString(folder.resolve("run/log.txt")))
        .contains("org.apache.spark.", "dev.kindling.");
  }

  private static JarFile applicationJar() throws IOException {
    return new JarFile(HOME.resolve("kindling.jar").toFile());
  }

  /** The class files that the lines of a service file name; a line may read {@code key = class}. */
  private static Set<String> providers(JarFile jar, String service) throws IOException {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                jar.getInputStream(jar.getEntry(service)), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> line.replaceFirst("#.*", "").replaceFirst(".*=", "").strip())
          .filter(line -> !line.isEmpty())
          .map(name -> name.replace('.', '/') + ".class")
          .collect(toSet());
    }
  }

  private static List<String> classesOfTheCluster() throws IOException {
    try (Stream<Path> jars = Files.list(HOME.resolve("jars"))) {
      return jars.sorted(Comparator.naturalOrder())
          .flatMap(DistributionIT::classes)
          .distinct()
          .toList();
    }
  }

  private static Stream<String> classes(Path file) {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.endsWith(".class"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }
}
