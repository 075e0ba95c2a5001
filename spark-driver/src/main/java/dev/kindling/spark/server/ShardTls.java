package dev.kindling.spark.server;

import dev.kindling.ps.transport.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * TLS of shards in executors: settings of Spark that name files, which each executor finds at the
 * same path. {@code spark.kindling.tls.certificates} and {@code .key} in PEM, or {@code .key_store}
 * (JKS, PKCS #12) and {@code .password_file}. A certificate must be made out to the name under
 * which Spark knows the executor.
 */
public final class ShardTls {
  /** Before the names of {@code servers.tls}. */
  public static final String PREFIX = "spark.kindling.tls.";

  private ShardTls() {}

  /** This executor's certificate and key; none where no file is named. */
  static Optional<ServerTls> of(SparkConf conf) throws IOException {
    Optional<Path> key = file(conf, "key");
    Optional<Path> store = file(conf, "key_store");
    if (store.isPresent()) {
      String password = Files.readString(required(conf, "password_file")).strip();
      return Optional.of(ServerTls.fromKeyStore(store.get(), password.toCharArray()));
    }
    return key.isPresent()
        ? Optional.of(ServerTls.fromPem(required(conf, "certificates"), key.get()))
        : Optional.empty();
  }

  private static Optional<Path> file(SparkConf conf, String name) {
    return conf.contains(PREFIX + name)
        ? Optional.of(Path.of(conf.get(PREFIX + name)))
        : Optional.empty();
  }

  private static Path required(SparkConf conf, String name) {
    return file(conf, name)
        .orElseThrow(() -> new IllegalArgumentException(PREFIX + name + " is not set"));
  }
}
