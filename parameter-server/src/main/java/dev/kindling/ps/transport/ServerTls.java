package dev.kindling.ps.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/** A server's certificate and key: connections are TLS 1.3. Immutable and thread-safe. */
public final class ServerTls {
  static final String VERSION = "TLSv1.3";

  private final SslContext context;

  private ServerTls(SslContextBuilder builder) throws SSLException {
    context = builder.sslProvider(SslProvider.JDK).protocols(VERSION).build();
  }

  /**
   * From PEM files.
   *
   * @param certificates the server's certificate, then those that signed it
   * @param key its private key, PKCS #8 without a password
   * @throws IOException if a file cannot be read or holds something else
   */
  public static ServerTls fromPem(Path certificates, Path key) throws IOException {
    try (InputStream chain = Files.newInputStream(certificates);
        InputStream secret = Files.newInputStream(key)) {
      return new ServerTls(SslContextBuilder.forServer(chain, secret));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s and %s: no certificates and PKCS #8 key in PEM: %s"
              .formatted(certificates, key, e.getMessage()),
          e);
    }
  }

  /**
   * From a key store, JKS or PKCS #12.
   *
   * @param password of the store and of the key
   * @throws IOException if it cannot be read or opened
   */
  public static ServerTls fromKeyStore(Path file, char[] password) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(file.toFile(), password);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      return new ServerTls(SslContextBuilder.forServer(keys));
    } catch (GeneralSecurityException e) {
      throw new IOException("%s: no key store: %s".formatted(file, e.getMessage()), e);
    }
  }

  SslHandler handler(ByteBufAllocator allocator) {
    return context.newHandler(allocator);
  }
}
