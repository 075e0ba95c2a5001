package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Alive;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Strangers on real sockets: each is closed, with a reason where one can be said; training goes on.
 */
class AttackTest {
  private static final int STEPS = 12;
  private static final int HANDSHAKE_MILLIS = 3_000;
  private static final int DRIP_MILLIS = 200;
  private static final int HELLO = 1;
  private static final int PUSH = 9;

  private final FakeTraining training = new FakeTraining(3_001, 4);
  private final ParameterServer server =
      ParameterServer.of(training.run("attacked", STEPS), training.initial())
          .transport(Transport.SOCKET)
          .listen("127.0.0.1", "127.0.0.1", 0)
          .socketOptions(new SocketOptions(HANDSHAKE_MILLIS, 5_000, 20_000, 1 << 16, 1 << 18))
          .start();

  @AfterEach
  void close() {
    server.close();
  }

  private Socket socket() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.location().addresses().get(0).port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private void assertTrainingGoesOn() throws Exception {
    FakeWorkers.run(training, server.location(), 2, 1, STEPS);
    assertThat(server.values()).containsExactly(training.expected(STEPS));
  }

  private static byte[] frame(Message message) {
    ByteBuf frame = Unpooled.buffer();
    message.encode(frame);
    return ByteBufUtil.getBytes(frame);
  }

  private static byte[] header(int length, int type) {
    ByteBuf header = Unpooled.buffer();
    header.writeIntLE(length).writeByte(type).writeByte(0).writeShortLE(0);
    return ByteBufUtil.getBytes(header);
  }

  /** Everything that comes until the server closes. */
  private static String answer(Socket socket, byte[] bytes) throws IOException {
    try (socket) {
      socket.getOutputStream().write(bytes);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatNoStrangerMaySendIsRefusedWithItsReason() throws Exception {
    assertThat(answer(socket(), header((16 << 10) + 1, HELLO))).contains("at most 16384 are read");
    assertThat(answer(socket(), header(Integer.MAX_VALUE, HELLO))).contains("at most 16384");
    assertThat(answer(socket(), header(-1, HELLO))).contains("shorter than its header");
    assertThat(answer(socket(), header(1 << 20, PUSH))).contains("before the handshake was over");
    assertThat(answer(socket(), header(8, 200))).contains("message type 200 is unknown");
    assertThat(answer(socket(), frame(new Alive()))).contains("before the handshake was over");
    assertThat(answer(socket(), "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8)))
        .contains("unknown");
    assertTrainingGoesOn();
  }

  @Test
  void otherVersionsAreToldWhichOnesAreSpoken() throws Exception {
    assertThat(answer(socket(), frame(new Hello(7, 9, new byte[32]))))
        .contains("the worker speaks versions 7 to 9 of the protocol, the server 1 to 1");
    assertThat(answer(socket(), frame(new Hello(0, 0, new byte[32]))))
        .contains("the worker speaks versions 0 to 0");
    assertTrainingGoesOn();
  }

  /** A frame that comes a byte at a time does not hold a connection open. */
  @Test
  void dripsAreCutOff() throws Exception {
    byte[] hello = frame(new Hello(1, 1, new byte[32]));
    try (Socket socket = socket()) {
      socket.setSoTimeout(DRIP_MILLIS);
      boolean isOpen = true;
      for (int i = 0; i < hello.length - 1 && isOpen; i++) {
        isOpen = drip(socket, hello[i]);
      }
      assertThat(isOpen).isFalse();
    }
    assertTrainingGoesOn();
  }

  private static boolean drip(Socket socket, byte one) throws IOException {
    try {
      socket.getOutputStream().write(one);
      socket.getInputStream().read(); // the reason, or the end
      return false;
    } catch (SocketTimeoutException stillOpen) {
      return true;
    } catch (SocketException reset) {
      return false;
    }
  }

  @Test
  void aThousandIdleConnectionsDoNotStopTheTraining() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 1_000; i++) {
        sockets.add(socket());
      }
      assertTrainingGoesOn();
      for (Socket socket : sockets) {
        assertEnds(socket);
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void assertEnds(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("the handshake was not over");
    }
  }
}
