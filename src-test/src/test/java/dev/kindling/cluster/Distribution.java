package dev.kindling.cluster;

import static java.util.stream.Collectors.joining;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The laid out distribution, a SPARK_HOME, and the JDK that its processes run on.
 *
 * @param home the folder with jars/, conf/ and kindling.jar
 * @param javaHome the JDK
 */
record Distribution(Path home, Path javaHome) {

  /** The distribution that the build made, on the JDK of this process. */
  static Distribution built() {
    String home = System.getProperty("kindling.distribution", "../deploy/target/kindling");
    return at(Path.of(home).toAbsolutePath().normalize());
  }

  private static Distribution at(Path home) {
    if (!Files.isDirectory(home.resolve("jars"))) {
      throw new IllegalStateException(
          home + " holds no distribution; run `./mvnw -DskipTests -pl deploy -am package` first");
    }
    return new Distribution(home, Path.of(System.getProperty("java.home")));
  }

  Distribution on(Path otherJavaHome) {
    return new Distribution(home, otherJavaHome);
  }

  /** Kindling's one application jar. */
  Path kindlingJar() {
    return home.resolve("kindling.jar");
  }

  /**
   * {@code java}, the JVM options of the distribution, {@code more}, and a class path of the jars
   * and jars/*.
   */
  Stream<String> java(List<String> more, Path... jars) {
    String classPath =
        Stream.concat(Stream.of(jars), Stream.of(home.resolve("jars").resolve("*")))
            .map(Path::toString)
            .collect(joining(System.getProperty("path.separator")));
    return Stream.of(
            Stream.of(
                javaHome.resolve("bin").resolve("java").toString(),
                "@" + home.resolve("conf").resolve("jvm.options")),
            more.stream(),
            Stream.of("-cp", classPath))
        .flatMap(part -> part);
  }
}
