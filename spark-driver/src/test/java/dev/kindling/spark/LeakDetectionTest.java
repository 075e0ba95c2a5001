package dev.kindling.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** The detection of parameter-server's tests watches these too. */
class LeakDetectionTest {
  @Test
  void isOn() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    assertThat(buffer.getClass().getSimpleName()).contains("LeakAware");
    buffer.release();
  }
}
