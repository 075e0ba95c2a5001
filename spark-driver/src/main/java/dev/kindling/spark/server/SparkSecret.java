package dev.kindling.spark.server;

import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.spark.SparkEnv;

/**
 * The wire's secret where {@code spark.authenticate} is on: HMAC-SHA256 of Spark's own, which every
 * process of the application holds. It never travels.
 */
public final class SparkSecret {
  private static final String HMAC = "HmacSHA256";
  private static final byte[] PURPOSE = "kindling parameters".getBytes(StandardCharsets.UTF_8);

  private SparkSecret() {}

  /** What this process derives; none where Spark does not authenticate. */
  public static Optional<Secret> here() {
    SparkEnv spark = SparkEnv.get();
    return spark == null || !spark.securityManager().isAuthenticationEnabled()
        ? Optional.empty()
        : Optional.of(derived(spark.securityManager().getSecretKey()));
  }

  /** What follows from a secret of Spark's. */
  static Secret derived(String ofSpark) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(ofSpark.getBytes(StandardCharsets.UTF_8), HMAC));
      return Secret.of(HexFormat.of().formatHex(mac.doFinal(PURPOSE)), "spark.authenticate");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + HMAC, e);
    }
  }

  /** The location as it travels to tasks: without the secret, if they derive it themselves. */
  public static ServerLocation leaveOut(ServerLocation location) {
    return here()
        .filter(own -> MessageDigest.isEqual(own.bytes(), location.secret().bytes()))
        .map(own -> location.with(null))
        .orElse(location);
  }

  /** The location as a task uses it. */
  public static ServerLocation putIn(ServerLocation location) {
    return location.secret() != null
        ? location
        : location.with(
            here()
                .orElseThrow(
                    () ->
                        new IllegalStateException(
                            "spark.authenticate is on in the driver, but not in this executor")));
  }
}
