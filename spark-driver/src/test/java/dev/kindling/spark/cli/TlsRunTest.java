package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.Transport;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.ServerTls;
import dev.kindling.spark.job.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Driver, workers and servers under TLS 1.3, from the files that a user has. */
@DisabledOnOs(OS.WINDOWS)
class TlsRunTest {
  private static final String PASSWORD = "not a secret";

  @TempDir static Path folder;
  private static CommandLineRun runs;
  private static Path store;
  private static Path certificate;
  private static Path key;

  @BeforeAll
  static void prepare() throws Exception {
    runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    assertThat(runs.train("inside").errors()).isEmpty();
    store = keyStore();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    certificate = pem("own.pem", "CERTIFICATE", keys.getCertificate("server").getEncoded());
    byte[] secret = keys.getKey("server", PASSWORD.toCharArray()).getEncoded();
    key = pem("key.pem", "PRIVATE KEY", secret);
  }

  private static Path keyStore() throws Exception {
    Path file = folder.resolve("server.jks");
    Process keytool =
        new ProcessBuilder(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-alias=server",
                        "-keyalg=EC",
                        "-dname=CN=server",
                        "-ext=san=ip:127.0.0.1,dns:localhost",
                        "-storetype=JKS",
                        "-keystore=" + file,
                        "-storepass=" + PASSWORD,
                        "-keypass=" + PASSWORD)
                    .stream()
                    .flatMap(option -> split(option).stream())
                    .toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes());
    assertThat(keytool.waitFor()).as(output).isZero();
    return file;
  }

  /** keytool wants an option and its value apart. */
  private static List<String> split(String option) {
    int at = option.startsWith("-") ? option.indexOf('=') : -1;
    return at < 0 ? List.of(option) : List.of(option.substring(0, at), option.substring(at + 1));
  }

  private static Path pem(String name, String kind, byte[] content) throws IOException {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
    return Files.writeString(folder.resolve(name), text);
  }

  private static CommandLineRun.Result train(
      String name, StandaloneProcess server, String... trust) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--set",
                "servers.placement=external",
                "--set",
                "servers.addresses=127.0.0.1:" + server.port(),
                "--set",
                "servers.secret_file=" + folder.resolve("secret")));
    for (String setting : trust) {
      arguments.addAll(List.of("--set", setting));
    }
    return runs.train(name, arguments.toArray(String[]::new));
  }

  @Test
  void pemFilesProtectARun() throws Exception {
    try (StandaloneProcess server =
        StandaloneProcess.start(
            folder, 1, "--tls-certificates=" + certificate, "--tls-key=" + key)) {
      CommandLineRun.Result result = train("pem", server, "servers.tls.trusted=" + certificate);
      assertThat(result.code()).as(result.errors()).isZero();
      assertThat(runs.hash("pem")).isEqualTo(runs.hash("inside"));
      CommandLineRun.Result plain = train("plain", server);
      assertThat(plain.code()).isEqualTo(ExitCode.CLUSTER);
    }
  }

  @Test
  void shardsInAnExecutorHaveACertificateToo() throws IOException {
    CommandLineRun.Result pem =
        inAnExecutor(
            "pem-in-executor",
            "servers.tls.certificates=" + certificate,
            "servers.tls.key=" + key,
            "servers.tls.trusted=" + certificate);
    assertThat(pem.code()).as(pem.errors()).isZero();
    assertThat(runs.hash("pem-in-executor")).isEqualTo(runs.hash("inside"));
    CommandLineRun.Result jks =
        inAnExecutor(
            "jks-in-executor",
            "servers.tls.key_store=" + store,
            "servers.tls.trust_store=" + store,
            "servers.tls.password_file=" + folder.resolve("password"));
    assertThat(jks.code()).as(jks.errors()).isZero();
    assertThat(runs.hash("jks-in-executor")).isEqualTo(runs.hash("inside"));
  }

  @Test
  void anExecutorWithoutItsCertificateSaysSo() {
    CommandLineRun.Result result =
        inAnExecutor(
            "nowhere",
            "servers.tls.certificates=" + folder.resolve("nowhere.pem"),
            "servers.tls.key=" + key,
            "servers.tls.trusted=" + certificate,
            "cluster.start_seconds=1");
    assertThat(result.code()).isEqualTo(ExitCode.CLUSTER);
    assertThat(result.errors()).contains("no executor came", "nowhere.pem");
  }

  /**
   * Half of it would leave connections plain; {@code ServersConfigTest} has the configuration's.
   */
  @Test
  void halfOfItIsRefusedInJavaAndByAServer() throws IOException {
    ClientTls trust = ClientTls.fromPem(certificate);
    ServerTls own = ServerTls.fromPem(certificate, key);
    ServerOptions plain = ServerOptions.inDriver(Transport.SOCKET, 0);
    assertThat(plain.with(own, trust).trusted()).contains(trust);
    assertThatThrownBy(() -> plain.with(trust))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the server in the driver has none");
    assertThatThrownBy(
            () ->
                new ServerOptions(
                    plain.policy(),
                    plain.nonFinite(),
                    plain.placement(),
                    plain.executors(),
                    plain.transport(),
                    plain.port(),
                    plain.external(),
                    plain.standbys(),
                    plain.secret(),
                    Optional.of(own),
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing that workers check it against");
    assertThat(runs.train("half", "--set", "servers.tls.trusted=" + certificate).errors())
        .contains("the driver has none");
    for (String option : List.of("--tls-password-file=", "--tls-key=", "--tls-certificates=")) {
      Printed server =
          Printed.by("server", "--secret-file=" + folder.resolve("secret"), option + certificate);
      assertThat(server.code()).isEqualTo(ExitCode.USAGE);
    }
  }

  private static CommandLineRun.Result inAnExecutor(String name, String... settings) {
    List<String> arguments = new ArrayList<>(List.of("--set", "servers.placement=executors"));
    arguments.addAll(List.of("--set", "checkpoint.path=" + folder.resolve("kept").toUri()));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return runs.train(name, arguments.toArray(String[]::new));
  }

  @Test
  void keyStoresProtectARun() throws Exception {
    try (StandaloneProcess server =
        StandaloneProcess.start(
            folder,
            2,
            "--tls-key-store=" + store,
            "--tls-password-file=" + folder.resolve("password"))) {
      CommandLineRun.Result result =
          train(
              "jks",
              server,
              "servers.tls.trust_store=" + store,
              "servers.tls.password_file=" + folder.resolve("password"));
      assertThat(result.code()).as(result.errors()).isZero();
      assertThat(runs.hash("jks")).isEqualTo(runs.hash("inside"));
    }
  }
}
