package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.job.KryoClasses;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Starts Spark for a command. What spark-submit has set stays as it is. */
final class SparkSettings {
  private SparkSettings() {}

  static JavaSparkContext start(RunConfig config) {
    SparkConf conf = new SparkConf();
    config.cluster().master().ifPresent(conf::setMaster);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.app.name", "kindling");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    conf.set("spark.kryo.registrationRequired", "true");
    conf.set("spark.kryo.registrator", KryoClasses.class.getName());
    applicationJar().ifPresent(jar -> conf.setIfMissing("spark.jars", jar));
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "localhost");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    return new JavaSparkContext(conf);
  }

  /**
   * The jar that holds Kindling, which executors of another JVM need; a URI, as paths may have
   * blanks.
   */
  private static Optional<String> applicationJar() {
    String uri = Main.class.getProtectionDomain().getCodeSource().getLocation().toString();
    return uri.endsWith(".jar") ? Optional.of(uri) : Optional.empty();
  }
}
