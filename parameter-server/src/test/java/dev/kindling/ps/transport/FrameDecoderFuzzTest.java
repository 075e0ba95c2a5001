package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.WireException;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stranger or a broken peer may send. Runs over the corpus in the test's resources; with
 * {@code JAZZER_FUZZ=1} in the environment it searches, guided by coverage, for bytes that break
 * it.
 *
 * <p>The first byte of an input says whether the handshake is over, the second how the rest is cut.
 */
class FrameDecoderFuzzTest {
  private static final int MOST_FLOATS = 1 << 12;

  /** What came out: the messages as bytes, and whether the decoder gave up. */
  private record Outcome(List<String> messages, boolean isRefused) {}

  private static final class Targets implements FloatTargets {
    @Override
    public Floats open(FloatMessage header, int length) {
      if (length > MOST_FLOATS) {
        throw new WireException("no bucket has %d floats".formatted(length));
      }
      return length % 7 == 6 ? null : new Floats(new float[length + 3], 3, length);
    }

    @Override
    public void cancel(Floats target) {
      assertThat(target.offset()).isEqualTo(3);
    }
  }

  /** Whatever the bytes and their splits: the same messages, or an end with a reason. */
  @FuzzTest(maxDuration = "15s")
  void splitsChangeNothingAndNothingBreaks(byte[] input) {
    if (input.length < 2) {
      return;
    }
    boolean isTrusted = (input[0] & 1) == 1;
    int piece = 1 + (input[1] & 0xff);
    Outcome whole = decode(input, isTrusted, input.length);
    assertThat(decode(input, isTrusted, piece)).isEqualTo(whole);
    assertThat(decode(input, isTrusted, 1)).isEqualTo(whole);
  }

  /** Whether an input gets through to the end, as a message. */
  static boolean yieldsAMessage(byte[] input) {
    Outcome whole = decode(input, (input[0] & 1) == 1, input.length);
    return !whole.isRefused && !whole.messages.isEmpty();
  }

  private static Outcome decode(byte[] input, boolean isTrusted, int piece) {
    FrameDecoder decoder = new FrameDecoder();
    if (isTrusted) {
      decoder.trust(new Targets());
    }
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    boolean isRefused = false;
    for (int at = 2; at < input.length; at += piece) {
      int count = Math.min(piece, input.length - at);
      isRefused |= isRefused(channel, input, at, count);
    }
    List<String> messages = new ArrayList<>();
    for (Message m = channel.readInbound(); m != null; m = channel.readInbound()) {
      messages.add(m.type() + " " + hex(m));
    }
    channel.finishAndReleaseAll();
    return new Outcome(messages, isRefused);
  }

  private static boolean isRefused(EmbeddedChannel channel, byte[] input, int at, int count) {
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(input, at, count));
      channel.checkException();
      return false;
    } catch (WireException expected) {
      return true;
    }
  }

  /** Every message that comes out can be sent on. */
  private static String hex(Message message) {
    byte[] frame = FrameDecoderTest.bytes(message);
    assertThat(message.frameLength()).isEqualTo(frame.length);
    return ByteBufUtil.hexDump(frame);
  }
}
