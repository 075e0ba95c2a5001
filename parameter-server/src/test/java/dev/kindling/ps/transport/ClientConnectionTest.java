package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.Values;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClientConnectionTest {
  private static final int MIB = 1 << 20;
  private static final Floats BUCKET = new Floats(new float[MIB / Float.BYTES], 0, MIB / 4);

  /** Counts the changes. */
  private static final class Events implements ClientConnection.Events {
    private final AtomicInteger changes = new AtomicInteger();

    @Override
    public void ready() {}

    @Override
    public Floats target(Values header, int length) {
      return null;
    }

    @Override
    public void received(Message message) {}

    @Override
    public void writabilityChanged() {
      changes.incrementAndGet();
    }

    @Override
    public void closed(ParameterServerException cause) {}
  }

  /** To a peer that reads nothing: what the system's own buffers take, and 4 MiB. */
  @Test
  void aSenderIsToldToPauseBeforeTheEventLoopHasLookedAtWhatItSent() throws Exception {
    Events events = new Events();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ClientThreads threads = new ClientThreads()) {
      ClientConnection connection =
          new ClientConnection(
              threads,
              new Address("127.0.0.1", deaf.getLocalPort()),
              Secret.random(),
              null,
              new SocketOptions(10_000, 10_000, 60_000, MIB, 4 * MIB),
              events);
      Socket accepted = deaf.accept();
      assertThat(send(connection)).isBetween(4, 64);
      accepted.close();
      await().until(() -> events.changes.get() > 0);
      connection.close();
    }
  }

  /** Sends without a pause for as long as it may. */
  private static int send(ClientConnection connection) {
    int sent = 0;
    while (connection.isWritable()) {
      connection.send(new Push(1, 1, 0, sent, 0, 1, 1, FloatEncoding.FLOAT32, BUCKET));
      sent++;
    }
    return sent;
  }
}
