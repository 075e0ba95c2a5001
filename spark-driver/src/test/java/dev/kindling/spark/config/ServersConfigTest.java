package dev.kindling.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which halves of TLS are refused: each would leave connections plain. */
class ServersConfigTest {
  private static ServersConfig read(String placement, String tls) {
    String rest = placement.equals("external") ? ", addresses: 'a:7', secret_file: s" : "";
    String text = "{placement: %s, tls: {%s}%s}".formatted(placement, tls, rest);
    return ServersConfig.of(new Section("servers", Yaml.parse("servers.yaml", text)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          driver    | certificates: c, key: k                                  | servers.tls.trusted or trust_store
          driver    | key_store: s, password_file: p                           | servers.tls.trusted or trust_store
          driver    | password_file: p                                         | servers.tls.trusted or trust_store
          driver    | trusted: t                                               | the driver has none
          driver    | trust_store: t, password_file: p                         | the driver has none
          driver    | trusted: t, certificates: c                              | belong together
          driver    | trusted: t, key: k                                       | belong together
          executors | certificates: c, key: k                                  | servers.tls.trusted or trust_store
          executors | key_store: s, password_file: p                           | servers.tls.trusted or trust_store
          executors | password_file: p                                         | servers.tls.trusted or trust_store
          executors | trusted: t                                               | the executors have none
          executors | trust_store: t, password_file: p                         | the executors have none
          executors | trusted: t, key: k                                       | belong together
          external  | certificates: c, key: k                                  | servers.tls.trusted or trust_store
          external  | key_store: s, password_file: p                           | servers.tls.trusted or trust_store
          external  | password_file: p                                         | servers.tls.trusted or trust_store
          external  | trusted: t, certificates: c                              | belong together
          """)
  void halfOfTlsIsRefused(String placement, String tls, String wanted) {
    assertThatThrownBy(() -> read(placement, tls))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("servers.tls")
        .hasMessageContaining(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          driver    | certificates: c, key: k, trusted: t
          driver    | key_store: s, trust_store: t, password_file: p
          driver    | key_store: s, trusted: t, password_file: p
          executors | certificates: c, key: k, trusted: t
          executors | key_store: s, trust_store: t, password_file: p
          external  | trusted: t
          external  | trust_store: t, password_file: p
          external  | certificates: c, key: k, trusted: t
          """)
  void theWholeOfItIsTaken(String placement, String tls) {
    assertThat(read(placement, tls).tls().written()).hasSize(tls.split(",").length);
  }

  @ParameterizedTest
  @CsvSource({"driver", "executors", "external"})
  void nothingOfItIsNoTls(String placement) {
    assertThat(read(placement, "").tls().written()).isEmpty();
  }
}
