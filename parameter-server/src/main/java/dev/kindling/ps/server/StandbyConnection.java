package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.StandbyProtocol;
import dev.kindling.ps.transport.ClientConnection;
import dev.kindling.ps.transport.ClientThreads;
import dev.kindling.ps.transport.ClientTls;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A primary's connection to its standby. Thread-safe. */
final class StandbyConnection implements ClientConnection.Events, AutoCloseable {
  private static final long HANDSHAKE_SECONDS = 10;

  private final ShardGroup shards;
  private final StandbyProtocol protocol;
  private final ClientThreads threads = new ClientThreads();
  private final CompletableFuture<Void> handshake = new CompletableFuture<>();
  private final float[] unread;
  private final Runnable ready;
  private final Consumer<String> lost;
  private volatile ClientConnection connection;

  /**
   * Connects; everything that the shards make goes there first from now on.
   *
   * @param tls the certificates to trust; null for a connection without TLS
   * @param ready told once the standby has all that anybody has
   * @param lost told why it does not, or not any more; perhaps several times
   */
  StandbyConnection(
      ShardGroup shards,
      Address address,
      Secret secret,
      ClientTls tls,
      Runnable ready,
      Consumer<String> lost)
      throws InterruptedException {
    this.shards = shards;
    this.ready = ready;
    this.lost = lost;
    unread = new float[shards.run().buckets().size()];
    protocol = new StandbyProtocol(shards, message -> connection.send(message));
    shards.replicate(protocol);
    try {
      connection =
          new ClientConnection(threads, address, secret, tls, SocketOptions.defaults(), this);
      handshake.get(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
      protocol.join();
    } catch (ParameterServerException | ExecutionException | TimeoutException e) {
      lost.accept("the standby at %s: %s".formatted(address, e.getMessage()));
    }
  }

  @Override
  public void ready() {
    handshake.complete(null);
  }

  /** Values come back as an answer: they are here already, and what arrives is not looked at. */
  @Override
  public Floats target(Values header, int length) {
    if (length > unread.length) {
      throw new WireException("a standby's bucket has %d floats".formatted(length));
    }
    return new Floats(unread, 0, length);
  }

  @Override
  public void received(Message message) {
    boolean wasCovered = protocol.isCovered();
    try {
      protocol.receive(message);
    } catch (ParameterServerException e) {
      refused(e);
      return;
    }
    if (!wasCovered && protocol.isCovered()) {
      ready.run();
    }
  }

  /** One that was promoted has taken this one's place. */
  private void refused(ParameterServerException cause) {
    if (cause.reason() == Reason.STALE_TERM) {
      shards.abort(cause);
    } else {
      lost.accept(cause.getMessage());
    }
  }

  @Override
  public void writabilityChanged() {
    // no more than one version of each bucket is on its way
  }

  @Override
  public void closed(ParameterServerException cause) {
    handshake.completeExceptionally(cause);
    lost.accept(cause.getMessage());
  }

  /** Waits for nothing that is still on its way: a standby that is lost takes nothing. */
  @Override
  public void close() {
    threads.close();
  }
}
