package dev.kindling.ps.transport;

import dev.kindling.ps.Secret;
import dev.kindling.ps.wire.Challenge;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The proofs of the handshake: {@code HMAC-SHA256(secret, role || hello frame || challenge frame)}.
 * Both nonces are in it, so an old proof is worth nothing; the role is in it, so a proof sent back
 * to its maker is worth nothing; the versions are in it, so nobody between can lower them.
 */
final class Handshake {
  /** The protocol versions that this code speaks. */
  static final int OLDEST = 1;

  /** See {@link #OLDEST}. */
  static final int NEWEST = 1;

  private static final String ALGORITHM = "HmacSHA256";

  private Handshake() {}

  /** Who proves. */
  enum Role {
    WORKER,
    SERVER
  }

  static byte[] proof(Secret secret, Role role, Hello hello, Challenge challenge) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.bytes(), ALGORITHM));
      mac.update(("kindling " + role + '\n').getBytes(StandardCharsets.US_ASCII));
      mac.update(bytes(hello));
      mac.update(bytes(challenge));
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no " + ALGORITHM, e);
    }
  }

  private static byte[] bytes(Message message) {
    ByteBuf frame = Unpooled.buffer(Math.toIntExact(message.frameLength()));
    message.encode(frame);
    return ByteBufUtil.getBytes(frame);
  }

  /** Compares without telling by the time how much is equal. */
  static boolean matches(byte[] expected, byte[] actual) {
    return MessageDigest.isEqual(expected, actual);
  }
}
