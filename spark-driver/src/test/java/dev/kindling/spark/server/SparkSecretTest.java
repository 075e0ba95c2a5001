package dev.kindling.spark.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.train.Buckets;
import dev.kindling.train.ReplicaTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

/** The secret that follows from Spark's own. */
class SparkSecretTest {
  private static JavaSparkContext spark(boolean authenticates) {
    return new JavaSparkContext(
        new SparkConf()
            .setMaster("local[1]")
            .setAppName("secret")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "localhost")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.authenticate", String.valueOf(authenticates))
            .set("spark.authenticate.secret", "of Spark"));
  }

  private static ServerLocation location(Secret secret) {
    return new ServerLocation(
        "run", "", Transport.SOCKET, List.of(), secret, Buckets.of(100), new ReplicaTree(2));
  }

  private static String sent(Object value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    return bytes.toString(ISO_8859_1);
  }

  @Test
  void itIsDerivedAndDoesNotTravel() throws IOException {
    try (JavaSparkContext spark = spark(true)) {
      Secret derived = SparkSecret.here().orElseThrow();
      String text = new String(derived.bytes(), ISO_8859_1);
      assertThat(text).hasSize(64).doesNotContain("of Spark");
      assertThat(sent(location(derived))).contains(text);
      ServerLocation travelling = SparkSecret.leaveOut(location(derived));
      assertThat(sent(travelling)).doesNotContain(text);
      assertThat(SparkSecret.putIn(travelling).secret().bytes()).isEqualTo(derived.bytes());
    }
  }

  @Test
  void anotherSecretTravelsAsItIs() {
    try (JavaSparkContext spark = spark(true)) {
      Secret drawn = Secret.random();
      assertThat(SparkSecret.leaveOut(location(drawn)).secret()).isSameAs(drawn);
    }
  }

  @Test
  void whereSparkDoesNotAuthenticateThereIsNone() {
    try (JavaSparkContext spark = spark(false)) {
      assertThat(SparkSecret.here()).isEmpty();
      assertThatThrownBy(() -> SparkSecret.putIn(location(null)))
          .hasMessageContaining("spark.authenticate is on in the driver");
    }
  }
}
