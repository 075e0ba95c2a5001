package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clusters whose processes must prove that they belong together. */
class AuthenticationIT {
  private static final int REPLICAS = 2;
  private static final String PASSWORD = "changeit";

  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @TempDir Path folder;

  private static Map<String, String> authenticated() {
    Map<String, String> conf = new TreeMap<>();
    conf.put("spark.authenticate", "true");
    conf.put("spark.authenticate.secret", "what all processes of the cluster hold");
    return conf;
  }

  /** With a certificate of its own, which every process trusts. */
  private Map<String, String> encrypted() throws IOException, InterruptedException {
    Path store = folder.resolve("rpc.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "rpc",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    Map<String, String> conf = authenticated();
    conf.put("spark.ssl.rpc.enabled", "true");
    conf.put("spark.ssl.rpc.protocol", "TLSv1.3");
    for (String use : List.of("key", "trust")) {
      conf.put("spark.ssl.rpc." + use + "Store", store.toString());
      conf.put("spark.ssl.rpc." + use + "StoreType", "PKCS12");
      conf.put("spark.ssl.rpc." + use + "StorePassword", PASSWORD);
    }
    conf.put("spark.ssl.rpc.keyPassword", PASSWORD);
    return conf;
  }

  @Test
  void withSparksSecretTheParametersAreUnderIt() throws IOException {
    assertTrains("authenticated", authenticated());
  }

  @Test
  void withSparksTlsToo() throws IOException, InterruptedException {
    assertTrains("encrypted", encrypted());
  }

  private void assertTrains(String name, Map<String, String> conf) throws IOException {
    Path logs = Files.createDirectories(Path.of("target", "clusters").toAbsolutePath());
    String run = "/runs/" + name;
    try (StandaloneCluster cluster =
        StandaloneCluster.start(
            Distribution.built(), Files.createTempDirectory(logs, name), 2, 1, conf)) {
      JvmProcess training = cluster.submit(DigitsRun.train(HDFS.get().at(run), 2, REPLICAS, 2));
      assertThat(training.awaitExit(ofMinutes(2))).as(cluster.logs()).isZero();
      assertThat(training.log()).contains("workers prove themselves with Spark's own secret");
    }
    assertThat(HDFS.get().json(run + "/summary.json").get("parameters_sha256").asText())
        .isEqualTo(DigitsInOneProcess.hash(2, REPLICAS));
  }
}
