package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/** Certificates with their keys, made by the JDK's keytool. */
public final class TestCertificate {
  private static final String PASSWORD = "not a secret";

  private TestCertificate() {}

  /** Opens the stores. */
  public static char[] password() {
    return PASSWORD.toCharArray();
  }

  /**
   * A key store with a key and its own certificate.
   *
   * @param reachable the names that the certificate is made out to, as keytool writes them
   */
  public static Path keyStore(Path folder, String name, String reachable) throws Exception {
    Path file = folder.resolve(name + ".jks");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + reachable,
                "-storetype",
                "JKS",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD,
                "-keypass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes());
    assertThat(keytool.waitFor()).as(output).isZero();
    return file;
  }
}
