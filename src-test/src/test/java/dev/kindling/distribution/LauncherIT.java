package dev.kindling.distribution;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code bin/kindling}, in a copy of the distribution whose path has a blank. Its JDK is
 * a stand-in: a {@code java} that prints each of its arguments on a line and ends with 7.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {
  private static final Path BUILT =
      Path.of(System.getProperty("kindling.distribution", "../deploy/target/kindling"));

  /** What the script left: its exit code, its output and its errors. */
  record Result(int exit, List<String> output, String errors) {}

  @TempDir Path folder;
  private Path home;

  @BeforeEach
  void copyDistribution() throws IOException {
    home = Files.createDirectories(folder.resolve("a copy")).toRealPath();
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("jars"));
    for (String script : List.of("kindling", "archive-classes")) {
      Files.copy(
          BUILT.resolve("bin").resolve(script),
          home.resolve("bin").resolve(script),
          COPY_ATTRIBUTES);
    }
  }

  @Test
  void passesArgumentsExitCodeAndPathsWithBlanksOn() throws Exception {
    Result result = run(launcher(), Map.of(), jdk("17.0.1"), "train", "my file.yaml", "*", "");
    assertThat(result.exit()).isEqualTo(7);
    assertThat(result.output())
        .contains("@" + home + "/conf/jvm.options", home + "/jars/*:" + home + "/kindling.jar")
        .endsWith("dev.kindling.spark.cli.Main", "train", "my file.yaml", "*", "");
  }

  @Test
  void isFoundThroughRelativeSymbolicLinks() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("a copy/bin/kindling"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), first.getFileName());
    Result result = run(second, Map.of(), jdk("25"));
    assertThat(result.exit()).isEqualTo(7);
    assertThat(result.output()).contains(home + "/jars/*:" + home + "/kindling.jar");
  }

  @Test
  void takesTheHeapAndFurtherOptionsFromTheEnvironment() throws Exception {
    Map<String, String> environment =
        Map.of(
            "KINDLING_HEAP", "3g", "KINDLING_JVM", "-Da=1 -Db=2", "HADOOP_CONF_DIR", "/etc/hadoop");
    Result result = run(launcher(), environment, jdk("21.0.2"));
    assertThat(result.output())
        .contains("-Xmx3g", "-Da=1", "-Db=2")
        .contains(home + "/jars/*:" + home + "/kindling.jar:/etc/hadoop");
  }

  @Test
  void refusesAnOldJavaWithExitCode2() throws Exception {
    Result result = run(launcher(), Map.of(), jdk("11.0.20"), "train");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.errors()).contains("Java 11.0.20", "needs 17 or later", "JAVA_HOME");
  }

  @Test
  void refusesAJavaHomeWithoutJavaWithExitCode2() throws Exception {
    Result result = run(launcher(), Map.of(), folder.resolve("nowhere"), "train");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.errors()).contains("nowhere", "bin/java");
  }

  private Path launcher() {
    return home.resolve("bin").resolve("kindling");
  }

  private Path jdk(String version) throws IOException {
    Path jdk = Files.createDirectories(folder.resolve("jdk"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return jdk;
  }

  private Result run(Path script, Map<String, String> environment, Path jdk, String... arguments)
      throws Exception {
    List<String> command =
        Stream.concat(Stream.of(script.toString()), Stream.of(arguments)).toList();
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .directory(folder.toFile())
        .redirectOutput(output.toFile())
        .redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("KINDLING_.*|HADOOP_CONF_DIR"));
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, SECONDS)).isTrue();
    return new Result(process.exitValue(), Files.readAllLines(output), Files.readString(errors));
  }
}
