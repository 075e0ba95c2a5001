package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Push;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatFrameTest {
  private static final int LENGTH = 70_003;
  private static final UnpooledByteBufAllocator BUFFERS = UnpooledByteBufAllocator.DEFAULT;

  /** A socket that takes some bytes, few, or none. */
  private static final class Narrow implements WritableByteChannel {
    private final SplittableRandom random = new SplittableRandom(5);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @Override
    public int write(ByteBuffer from) {
      int most = random.nextInt(4) == 0 ? random.nextInt(8) : 200_000;
      byte[] bytes = new byte[Math.min(most, from.remaining())];
      from.get(bytes);
      taken.writeBytes(bytes);
      return bytes.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static Push push(FloatFormat format) {
    FloatEncoding encoding =
        format == FloatFormat.FLOAT32 ? FloatEncoding.FLOAT32 : new FloatEncoding(format, 1_500);
    float[] array = new float[LENGTH + 5];
    for (int i = 0; i < array.length; i++) {
      array[i] = i % 251 - 125;
    }
    return new Push(1, 2, 3, 4, 0, 1, 64, encoding, new Floats(array, 5, LENGTH));
  }

  @ParameterizedTest
  @EnumSource(FloatFormat.class)
  void theBytesAreThoseOfTheWholeFrameWhateverTheSocketTakesAtATime(FloatFormat format)
      throws IOException {
    Push push = push(format);
    FloatFrame frame = new FloatFrame(push, BUFFERS);
    Narrow socket = new Narrow();
    while (frame.transferred() < frame.count()) {
      long before = frame.transferred();
      assertThat(frame.transferTo(socket, before)).isEqualTo(frame.transferred() - before);
    }
    frame.release();
    ByteBuf whole = MessageEncoder.encode(push, BUFFERS);
    assertThat(socket.taken.toByteArray()).isEqualTo(ByteBufUtil.getBytes(whole));
    whole.release();
  }

  @ParameterizedTest
  @EnumSource(FloatFormat.class)
  void oneThatIsGivenUpHalfWayGivesItsBufferBack(FloatFormat format) throws IOException {
    FloatFrame frame = new FloatFrame(push(format), BUFFERS);
    frame.transferTo(new Narrow(), 0);
    assertThat(frame.release()).isTrue();
  }
}
