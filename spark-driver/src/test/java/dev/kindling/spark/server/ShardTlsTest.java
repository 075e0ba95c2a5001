package dev.kindling.spark.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardTlsTest {
  @Test
  void nothingSetIsNoTls() throws IOException {
    assertThat(ShardTls.of(new SparkConf(false))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "certificates, key",
    "key, certificates",
    "key_store, password_file",
    "password_file, key_store"
  })
  void halfOfItIsRefused(String set, String missing) {
    SparkConf conf = new SparkConf(false).set(ShardTls.PREFIX + set, "/no/file");
    assertThatThrownBy(() -> ShardTls.of(conf))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(ShardTls.PREFIX + missing + " is not set");
  }
}
