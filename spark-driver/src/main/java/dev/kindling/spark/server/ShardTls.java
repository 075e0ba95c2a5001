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

  /**
   * This executor's certificate and key; none where no file is named.
   *
   * @throws IllegalArgumentException if only half of what is needed is named
   */
  static Optional<ServerTls> of(SparkConf conf) throws IOException {
    if (isSet(conf, "certificates") || isSet(conf, "key")) {
      return Optional.of(ServerTls.fromPem(required(conf, "certificates"), required(conf, "key")));
    }
    if (isSet(conf, "key_store") || isSet(conf, "password_file")) {
      Path store = required(conf, "key_store");
      String password = Files.readString(required(conf, "password_file")).strip();
      return Optional.of(ServerTls.fromKeyStore(store, password.toCharArray()));
    }
    return Optional.empty();
  }

  private static boolean isSet(SparkConf conf, String name) {
    return conf.contains(PREFIX + name);
  }

  private static Path required(SparkConf conf, String name) {
    if (!isSet(conf, name)) {
      throw new IllegalArgumentException(
          PREFIX
              + name
              + " is not set, but others of "
              + PREFIX
              + "* are; TLS needs certificates and key, or key_store and password_file");
    }
    return Path.of(conf.get(PREFIX + name));
  }
}
