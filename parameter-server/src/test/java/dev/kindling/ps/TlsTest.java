package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections under TLS 1.3, with certificates made by the JDK's keytool. */
class TlsTest {
  private static final int STEPS = 6;
  private static final char[] PASSWORD = TestCertificate.password();

  @TempDir static Path folder;
  private static Path here;
  private static Path elsewhere;

  private final FakeTraining training = new FakeTraining(3_001, 4);
  private final RunSpec run = training.run("tls", STEPS);

  @BeforeAll
  static void makeCertificates() throws Exception {
    here = TestCertificate.keyStore(folder, "here", "ip:127.0.0.1,dns:localhost");
    elsewhere = TestCertificate.keyStore(folder, "elsewhere", "dns:elsewhere.example");
  }

  private static Path pem(String name, String kind, byte[] content) throws IOException {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
    return Files.writeString(folder.resolve(name), text);
  }

  private ParameterServer.Builder server() {
    return ParameterServer.of(run, training.initial())
        .transport(Transport.SOCKET)
        .listen("127.0.0.1", "127.0.0.1", 0);
  }

  private ParameterServer secure(Path keys, Path trusted) throws IOException {
    return server()
        .tls(ServerTls.fromKeyStore(keys, PASSWORD), ClientTls.fromKeyStore(trusted, PASSWORD))
        .start();
  }

  private static ServerLocation with(ServerLocation l, ClientTls tls) {
    return new ServerLocation(
        l.run(), l.jvm(), l.transport(), l.addresses(), l.secret(), l.buckets(), l.tree(), tls);
  }

  private static void assertRefused(ServerLocation location, Reason reason, String text) {
    try (ParameterClient client = ParameterClients.open(location, new Worker("a", 0, 4, 1))) {
      assertThatThrownBy(client::join)
          .isInstanceOfSatisfying(
              ParameterServerException.class, e -> assertThat(e.reason()).isEqualTo(reason))
          .hasMessageContaining(text);
    }
  }

  private void assertTrains(ParameterServer server) throws Exception {
    FakeWorkers.run(training, server.location(), 2, 2, STEPS);
    assertThat(server.values()).containsExactly(training.expected(STEPS));
  }

  @Test
  void trainsWithKeyStores() throws Exception {
    try (ParameterServer server = secure(here, here)) {
      assertTrains(server);
    }
  }

  @Test
  void trainsWithPemFiles() throws Exception {
    KeyStore store = KeyStore.getInstance(here.toFile(), PASSWORD);
    Path key = pem("key.pem", "PRIVATE KEY", store.getKey("server", PASSWORD).getEncoded());
    Path own = pem("own.pem", "CERTIFICATE", store.getCertificate("server").getEncoded());
    try (ParameterServer server =
        server().tls(ServerTls.fromPem(own, key), ClientTls.fromPem(own)).start()) {
      assertTrains(server);
    }
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefused() throws Exception {
    try (ParameterServer server = secure(here, elsewhere)) {
      assertRefused(server.location(), Reason.AUTHENTICATION, "is its certificate trusted");
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() throws Exception {
    try (ParameterServer server = secure(elsewhere, elsewhere)) {
      assertRefused(server.location(), Reason.AUTHENTICATION, "made out to this name");
    }
  }

  @Test
  void aPlainWorkerGetsNothingFromATlsServer() throws Exception {
    try (ParameterServer server = secure(here, here)) {
      assertRefused(with(server.location(), null), Reason.UNREACHABLE, "does it want TLS");
      assertTrains(server);
    }
  }

  @Test
  void aTlsWorkerSaysThatTheServerIsPlain() throws Exception {
    try (ParameterServer server = server().start()) {
      ClientTls trusted = ClientTls.fromKeyStore(here, PASSWORD);
      assertRefused(with(server.location(), trusted), Reason.AUTHENTICATION, "does it use TLS");
      assertTrains(server);
    }
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "no key");
    assertThatThrownBy(() -> ServerTls.fromPem(text, text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notes.txt");
    assertThatThrownBy(() -> ServerTls.fromKeyStore(text, PASSWORD))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notes.txt");
  }
}
