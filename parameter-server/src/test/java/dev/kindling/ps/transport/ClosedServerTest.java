package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A worker of the server's own JVM may make a version after the connections' threads have ended.
 */
class ClosedServerTest {
  private final ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(64).writeZero(64);
  private ServerConnection connection;

  @BeforeEach
  void end() {
    EventLoopGroup threads = EventLoops.NIO.create(1, "ended");
    NioSocketChannel channel = new NioSocketChannel();
    threads.register(channel).syncUninterruptibly();
    connection = new ServerConnection(null, channel, 1_000);
    threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void valuesForTheGoneAreReleased() {
    assertThatCode(() -> connection.sendInTurn(frame)).doesNotThrowAnyException();
    assertThatCode(() -> connection.send(frame)).doesNotThrowAnyException();
    assertThat(frame.refCnt()).isEqualTo(1);
    frame.release();
  }
}
