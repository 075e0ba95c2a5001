package dev.kindling.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code spark-submit} is told about an application.
 *
 * @param jar the application jar
 * @param mainClass its main class
 * @param arguments of the main class
 * @param conf Spark settings ({@code --conf})
 */
record Application(Path jar, String mainClass, List<String> arguments, Map<String, String> conf) {

  Application(Path jar, String mainClass, String... arguments) {
    this(jar, mainClass, Arrays.asList(arguments), Map.of());
  }

  /** The same with one more setting. */
  Application with(String key, String value) {
    Map<String, String> more = new TreeMap<>(conf);
    more.put(key, value);
    return new Application(jar, mainClass, arguments, more);
  }

  /** The arguments of SparkSubmit. */
  List<String> submitArguments(String master) {
    List<String> all = new ArrayList<>(List.of("--master", master, "--class", mainClass));
    conf.forEach((key, value) -> all.addAll(List.of("--conf", key + "=" + value)));
    all.add(jar.toString());
    all.addAll(arguments);
    return all;
  }
}
