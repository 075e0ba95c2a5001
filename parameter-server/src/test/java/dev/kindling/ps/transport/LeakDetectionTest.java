package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

class LeakDetectionTest {
  @Test
  void isOn() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    assertThat(buffer.getClass().getSimpleName()).contains("LeakAware");
    buffer.release();
  }

  @Test
  void aBufferThatIsLostIsReported() {
    assertThat(LeakDetection.lost()).isEmpty();
    LeakDetection.lose("the one that this test loses");
    assertThat(LeakDetection.lost())
        .singleElement()
        .asString()
        .contains("the one that this test loses");
    assertThat(LeakDetection.lost()).isEmpty();
  }
}
