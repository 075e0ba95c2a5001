package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.job.KryoClasses;
import dev.kindling.spark.server.ShardPlugin;
import dev.kindling.spark.server.ShardTls;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Starts Spark for a command. What spark-submit has set stays as it is. */
final class SparkSettings {
  private static final String ANY_THREADS = "local[*]";
  private static final String PLUGINS = "spark.plugins";

  private SparkSettings() {}

  /** For training. */
  static JavaSparkContext start(RunConfig config) {
    return new JavaSparkContext(settings(config, config.data().frame().isPresent()));
  }

  /** For reading and writing DataFrames. */
  static SparkSession startSession(RunConfig config) {
    return SparkSession.builder().config(settings(config, true)).getOrCreate();
  }

  private static SparkConf settings(RunConfig config, boolean usesSql) {
    SparkConf conf = new SparkConf();
    config.cluster().master().ifPresent(conf::setMaster);
    conf.setIfMissing("spark.master", ANY_THREADS);
    if (conf.get("spark.master").equals(ANY_THREADS)) {
      conf.setMaster("local[%d]".formatted(threads(config)));
    }
    conf.setIfMissing("spark.app.name", "kindling");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    // What SQL sends between its own stages has no list; all else is known.
    conf.set("spark.kryo.registrationRequired", String.valueOf(!usesSql));
    conf.set("spark.kryo.registrator", KryoClasses.class.getName());
    if (config.servers().isInExecutors()) {
      String others = conf.get(PLUGINS, "");
      conf.set(PLUGINS, (others.isEmpty() ? "" : others + ",") + ShardPlugin.class.getName());
      config
          .servers()
          .tls()
          .written()
          .forEach((name, file) -> conf.set(ShardTls.PREFIX + name, String.valueOf(file)));
    }
    if (conf.get("spark.master").matches("local(\\[.*)?")) {
      conf.setIfMissing("spark.driver.host", "localhost");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.ui.enabled", String.valueOf(config.cluster().ui()));
    } else {
      applicationJar().ifPresent(jar -> conf.setIfMissing("spark.jars", jar));
    }
    return conf;
  }

  /** A thread a core, and at least one for each worker that is asked for. */
  private static int threads(RunConfig config) {
    return Math.max(
        Runtime.getRuntime().availableProcessors(), config.cluster().workers().orElse(1));
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
