package dev.kindling.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the Dockerfile copies is there, and what the manifests name fits it and each other. */
class DeploymentFilesIT {
  private static final Path HOME =
      Path.of(System.getProperty("kindling.distribution", "../deploy/target/kindling"));
  private static final Path DEPLOY = HOME.resolve("../..").normalize();
  private static final List<Map<?, ?>> OBJECTS = new ArrayList<>();

  @TempDir Path folder;

  @BeforeAll
  static void parse() throws IOException {
    String yaml = Files.readString(DEPLOY.resolve("kubernetes/training.yaml"));
    new Load(LoadSettings.builder().build())
        .loadAllFromString(yaml)
        .forEach(object -> OBJECTS.add((Map<?, ?>) object));
  }

  private static Map<?, ?> object(String kind) {
    return OBJECTS.stream().filter(o -> kind.equals(o.get("kind"))).findFirst().orElseThrow();
  }

  /** What lies below some keys, through lists by their first item. */
  private static Object at(Object object, String... keys) {
    Object found = object;
    for (String key : keys) {
      found = found instanceof List<?> list ? list.get(0) : found;
      found = ((Map<?, ?>) found).get(key);
    }
    return found;
  }

  private static List<String> arguments() {
    List<?> written = (List<?>) at(object("Job"), "spec", "template", "spec", "containers", "args");
    return written.stream().map(String::valueOf).toList();
  }

  private static List<String[]> copies() throws IOException {
    return Files.readAllLines(DEPLOY.resolve("Dockerfile")).stream()
        .filter(line -> line.startsWith("COPY "))
        .map(line -> line.split(" ", -1))
        .toList();
  }

  @Test
  void whatTheImageCopiesIsInTheDistribution() throws IOException {
    assertThat(copies()).isNotEmpty();
    for (String[] copy : copies()) {
      assertThat(DEPLOY.resolve(copy[1])).exists();
    }
  }

  @Test
  void theJobRunsTheJarOfTheImageWithAMainClassThatIsInIt() throws IOException {
    assertThat(copies()).anyMatch(copy -> arguments().contains(copy[2]));
    String name = arguments().get(arguments().indexOf("--class") + 1);
    try (JarFile jar = new JarFile(HOME.resolve("kindling.jar").toFile())) {
      assertThat(jar.getEntry(name.replace('.', '/') + ".class")).isNotNull();
      assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class")).isEqualTo(name);
    }
  }

  @Test
  void theConfigurationOfTheMapIsOneThatCanRun() throws IOException {
    Path file = folder.resolve("config.yaml");
    Files.writeString(file, (String) at(object("ConfigMap"), "data", "config.yaml"));
    RunConfig config = RunConfig.read(file, List.of());
    assertThat(port("parameters")).isEqualTo(config.servers().port());
    int slots = conf("spark.executor.instances") * conf("spark.executor.cores");
    assertThat(slots).isGreaterThanOrEqualTo(config.cluster().workers().orElseThrow());
  }

  /** Executors reach the driver through the service, so its ports are those that it is told. */
  @Test
  void theServiceHasThePortsOfTheDriver() {
    assertThat(port("driver")).isEqualTo(conf("spark.driver.port"));
    assertThat(port("blocks")).isEqualTo(conf("spark.driver.blockManager.port"));
  }

  @Test
  void driverAndExecutorsRunTheImageThatIsBuilt() throws IOException {
    String image = (String) at(object("Job"), "spec", "template", "spec", "containers", "image");
    assertThat(arguments()).contains("spark.kubernetes.container.image=" + image);
    assertThat(Files.readString(DEPLOY.resolve("Dockerfile"))).contains("-t " + image + " ");
  }

  @Test
  void whatIsMountedHoldsTheConfigurationAndTakesTheRunDirectory() {
    assertThat(at(object("Job"), "spec", "template", "spec", "volumes", "configMap", "name"))
        .isEqualTo(at(object("ConfigMap"), "metadata", "name"));
    List<String> paths =
        ((List<?>) at(object("Job"), "spec", "template", "spec", "containers", "volumeMounts"))
            .stream().map(mount -> (String) ((Map<?, ?>) mount).get("mountPath")).toList();
    assertThat(paths).contains("/config");
    assertThat(arguments()).contains(paths.get(0) + "/config.yaml");
    String run = arguments().get(arguments().indexOf("--run-dir") + 1);
    assertThat(paths).anyMatch(path -> run.startsWith(path + "/"));
  }

  private static Object port(String name) {
    return ((List<?>) at(object("Service"), "spec", "ports"))
        .stream()
            .map(port -> (Map<?, ?>) port)
            .filter(port -> name.equals(port.get("name")))
            .findFirst()
            .orElseThrow()
            .get("port");
  }

  private static int conf(String key) {
    return arguments().stream()
        .filter(argument -> argument.startsWith(key + "="))
        .map(argument -> Integer.parseInt(argument.substring(key.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theNamesFitTogether() {
    Object account = at(object("ServiceAccount"), "metadata", "name");
    assertThat(at(object("Job"), "spec", "template", "spec", "serviceAccountName"))
        .isEqualTo(account);
    assertThat(at(object("RoleBinding"), "subjects", "name")).isEqualTo(account);
    assertThat(at(object("RoleBinding"), "roleRef", "name"))
        .isEqualTo(at(object("Role"), "metadata", "name"));
    assertThat(at(object("Service"), "spec", "selector"))
        .isEqualTo(at(object("Job"), "spec", "template", "metadata", "labels"));
    assertThat(arguments())
        .contains("spark.driver.host=" + at(object("Service"), "metadata", "name"));
  }
}
