package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.kqueue.KQueue;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
  @Test
  void theNativeTransportIsTakenWhereThereIsOne() {
    EventLoops expected =
        Epoll.isAvailable()
            ? EventLoops.EPOLL
            : KQueue.isAvailable() ? EventLoops.KQUEUE : EventLoops.NIO;
    assertThat(EventLoops.best()).isEqualTo(expected);
  }
}
