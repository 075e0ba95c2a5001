package dev.kindling.ps.transport;

import dev.kindling.ps.ServerLocation.Address;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * The certificates that workers trust. A server's must be one of them, or signed by one, and be
 * made out to the name or address under which it is reached. Travels to the tasks.
 *
 * @param pem certificates, one after the other
 */
public record ClientTls(String pem) implements Serializable {
  private static final Base64.Encoder BASE64 =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  /** The certificates of a PEM file. */
  public static ClientTls fromPem(Path file) throws IOException {
    return new ClientTls(Files.readString(file));
  }

  /** The certificates of a key store, JKS or PKCS #12. */
  public static ClientTls fromKeyStore(Path file, char[] password) throws IOException {
    StringBuilder pem = new StringBuilder();
    try {
      KeyStore store = KeyStore.getInstance(file.toFile(), password);
      for (String alias : Collections.list(store.aliases())) {
        Certificate certificate = store.getCertificate(alias);
        pem.append("-----BEGIN CERTIFICATE-----\n")
            .append(BASE64.encodeToString(certificate.getEncoded()))
            .append("\n-----END CERTIFICATE-----\n");
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("%s: no key store: %s".formatted(file, e.getMessage()), e);
    }
    return new ClientTls(pem.toString());
  }

  SslContext context() throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols(ServerTls.VERSION)
        .trustManager(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
        .build();
  }

  /** A handler that also checks the server's name: Netty 4.1 would not by itself. */
  static SslHandler handler(SslContext context, ByteBufAllocator allocator, Address server) {
    SSLEngine engine = context.newEngine(allocator, server.host(), server.port());
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  @Override
  public String toString() {
    return "trusted certificates";
  }
}
