package dev.kindling.ps.server;

import dev.kindling.ps.Relay;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.TestCertificate;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.ServerTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A standalone server in this JVM, behind real sockets. When it is killed its connections break,
 * and it goes on without them.
 */
final class ServerHere implements Machine {
  private static final Secret SECRET = Secret.of("known to all of the servers", "the test");

  private final Path folder;
  private final Path keys;
  private final Relay relay;
  private final List<StandaloneServer> servers = new ArrayList<>();

  /** Speaks TLS with the key and the certificate of a store; null for none. */
  ServerHere(Path folder, Path keys) throws IOException {
    this.folder = folder;
    this.keys = keys;
    relay = new Relay(start());
  }

  private int start() throws IOException {
    ServerTls tls = keys == null ? null : ServerTls.fromKeyStore(keys, TestCertificate.password());
    StandaloneServer server =
        new StandaloneServer(
            SECRET,
            "127.0.0.1",
            0,
            1,
            tls,
            Optional.of(CheckpointStores.below(folder.resolve("checkpoints"))));
    servers.add(server);
    return server.port();
  }

  @Override
  public Place place() throws IOException {
    ClientTls trusted =
        keys == null ? null : ClientTls.fromKeyStore(keys, TestCertificate.password());
    return new Place(new Address("127.0.0.1", relay.port()), SECRET, trusted);
  }

  @Override
  public void kill() throws IOException {
    relay.cut();
  }

  @Override
  public void startAgain() throws IOException {
    relay.turnTo(start());
  }

  @Override
  public void close() throws IOException {
    relay.close();
    servers.forEach(StandaloneServer::close);
  }
}
