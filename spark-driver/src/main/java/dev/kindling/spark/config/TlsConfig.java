package dev.kindling.spark.config;

import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code servers.tls}: TLS 1.3 between workers and shards, where anything is set. What workers
 * trust is needed then, and a certificate of servers that are not external: half of it is refused,
 * since connections would be plain.
 *
 * @param certificates of a server in the driver or in executors, PEM: its own, then those that
 *     signed it; executors find this and the next three at the same path each
 * @param key of that server, PEM
 * @param keyStore both of them in a JKS or PKCS #12 file
 * @param trusted what workers check a server's certificate against, PEM
 * @param trustStore the same in a JKS or PKCS #12 file
 * @param passwordFile holds the password of the key stores
 */
public record TlsConfig(
    Optional<Path> certificates,
    Optional<Path> key,
    Optional<Path> keyStore,
    Optional<Path> trusted,
    Optional<Path> trustStore,
    Optional<Path> passwordFile) {

  static TlsConfig of(Section section) {
    TlsConfig config =
        new TlsConfig(
            section.text("certificates").map(Path::of),
            section.text("key").map(Path::of),
            section.text("key_store").map(Path::of),
            section.text("trusted").map(Path::of),
            section.text("trust_store").map(Path::of),
            section.text("password_file").map(Path::of));
    section.end();
    return config;
  }

  /**
   * Refuses what would leave connections plain, or one end of them.
   *
   * @param home where the shards are, if they get their certificate from here: {@code the driver}
   */
  void check(Optional<String> home) {
    if (written().isEmpty()) {
      return;
    }
    checkPair();
    String set = "servers.tls: only " + String.join(", ", written().keySet()) + " set; ";
    if (trusted.isEmpty() && trustStore.isEmpty()) {
      throw new ConfigException(
          set
              + "workers have nothing to check a server's certificate against: set"
              + " servers.tls.trusted or trust_store, or nothing of servers.tls for no TLS");
    }
    if (home.isPresent() && key.isEmpty() && keyStore.isEmpty()) {
      throw new ConfigException(
          set
              + "workers have something to check a certificate against, but %s none: set servers.tls.certificates and key, or key_store"
                  .formatted(home.get()));
    }
  }

  private void checkPair() {
    if (certificates.isPresent() != key.isPresent()) {
      throw new ConfigException(
          "servers.tls: certificates and key belong together; only one of them is set");
    }
  }

  /** A server's certificate and key, if they are set. */
  public Optional<ServerTls> server() throws IOException {
    checkPair();
    if (keyStore.isPresent()) {
      return Optional.of(ServerTls.fromKeyStore(keyStore.get(), password()));
    }
    return key.isPresent()
        ? Optional.of(ServerTls.fromPem(certificates.orElseThrow(), key.get()))
        : Optional.empty();
  }

  /** What a server is checked against, if it is set. */
  public Optional<ClientTls> client() throws IOException {
    if (trustStore.isPresent()) {
      return Optional.of(ClientTls.fromKeyStore(trustStore.get(), password()));
    }
    return trusted.isPresent() ? Optional.of(ClientTls.fromPem(trusted.get())) : Optional.empty();
  }

  private char[] password() throws IOException {
    if (passwordFile.isEmpty()) {
      throw new ConfigException(
          "servers.tls.password_file is missing; it names a file with the key store's password");
    }
    return Files.readString(passwordFile.get()).strip().toCharArray();
  }

  /** The keys that are set. */
  public Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    certificates.ifPresent(file -> map.put("certificates", file.toString()));
    key.ifPresent(file -> map.put("key", file.toString()));
    keyStore.ifPresent(file -> map.put("key_store", file.toString()));
    trusted.ifPresent(file -> map.put("trusted", file.toString()));
    trustStore.ifPresent(file -> map.put("trust_store", file.toString()));
    passwordFile.ifPresent(file -> map.put("password_file", file.toString()));
    return map;
  }
}
