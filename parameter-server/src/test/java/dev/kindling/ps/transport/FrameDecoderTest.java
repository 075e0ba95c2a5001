package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.PullRows;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.PushRows;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  /** Lends fresh arrays, counts what is given back. */
  private static final class Targets implements FloatTargets {
    private int cancelled;

    @Override
    public Floats open(FloatMessage header, int length) {
      if (length > 100) {
        throw new WireException("too long");
      }
      return new Floats(new float[length], 0, length);
    }

    @Override
    public void cancel(Floats target) {
      cancelled++;
    }
  }

  private final Targets targets = new Targets();

  private EmbeddedChannel channel(boolean trusted) {
    FrameDecoder decoder = new FrameDecoder();
    if (trusted) {
      decoder.trust(targets);
    }
    return new EmbeddedChannel(decoder);
  }

  static byte[] bytes(Message message) {
    ByteBuf frame = MessageEncoder.encode(message, PooledByteBufAllocator.DEFAULT);
    byte[] bytes = ByteBufUtil.getBytes(frame);
    frame.release();
    return bytes;
  }

  static Stream<Message> all() {
    return Messages.all().stream();
  }

  /** Arrays are compared by their content. */
  private static void assertSame(Object actual, Message expected) {
    if (expected instanceof FloatMessage floats) {
      Floats arrived = ((FloatMessage) actual).floats();
      assertThat(arrived.array()).containsExactly(floats.floats().copy().array());
      assertThat(((FloatMessage) actual).with(Floats.NONE)).isEqualTo(floats.with(Floats.NONE));
    } else if (expected instanceof Begin) { // a rule is compared by how it is written
      assertThat(bytes((Begin) actual)).containsExactly(bytes(expected));
      assertThat(actual).hasToString(expected.toString());
    } else {
      assertThat(actual).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyMessageComesBackAsItWas(Message message) {
    EmbeddedChannel channel = channel(true);
    channel.writeInbound(Unpooled.wrappedBuffer(bytes(message)));
    assertSame(channel.readInbound(), message);
    assertThat(message.toString()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void splitsDoNotMatter(long seed) {
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<Message> messages = Messages.trusted();
    ByteBuf all = Unpooled.buffer();
    messages.forEach(m -> all.writeBytes(bytes(m)));
    EmbeddedChannel channel = channel(true);
    while (all.isReadable()) {
      int count = 1 + random.nextInt(Math.min(all.readableBytes(), seed == 1 ? 1 : 40));
      channel.writeInbound(all.readBytes(count));
    }
    messages.forEach(m -> assertSame(channel.readInbound(), m));
    all.release();
  }

  @ParameterizedTest
  @MethodSource("all")
  void truncatedAtEveryLengthNothingComesOut(Message message) {
    byte[] whole = bytes(message);
    for (int length = 0; length < whole.length; length++) {
      EmbeddedChannel channel = channel(true);
      channel.writeInbound(Unpooled.wrappedBuffer(whole, 0, length));
      assertThat((Object) channel.readInbound()).as("%d bytes", length).isNull();
      channel.finishAndReleaseAll();
    }
    assertThat(targets.cancelled > 0).isEqualTo(message instanceof FloatMessage);
  }

  /** The frame says that it is shorter, or longer, than its fields. */
  @ParameterizedTest
  @MethodSource("all")
  void aWrongLengthIsRefused(Message message) {
    byte[] whole = bytes(message);
    boolean hasFloats = message instanceof FloatMessage;
    int shortest = hasFloats ? Message.HEADER + message.bodyLength() : whole.length;
    for (int length = 0; length < shortest; length++) {
      assertRefused(true, resized(whole, length));
    }
    assertRefused(true, resized(whole, whole.length + 1));
  }

  private static byte[] resized(byte[] frame, int length) {
    byte[] bytes = Arrays.copyOf(frame, Math.max(length, Message.HEADER));
    Unpooled.wrappedBuffer(bytes).setIntLE(0, length);
    return bytes;
  }

  private void assertRefused(boolean trusted, byte[] bytes) {
    EmbeddedChannel channel = channel(trusted);
    assertThatThrownBy(
            () -> {
              channel.writeInbound(Unpooled.wrappedBuffer(bytes));
              channel.checkException();
            })
        .isInstanceOf(WireException.class);
    assertThat((Object) channel.readInbound()).isNull();
    channel.writeInbound(Unpooled.wrappedBuffer(bytes(Messages.trusted().get(0))));
    assertThat((Object) channel.readInbound()).as("after bad bytes").isNull();
  }

  private static byte[] header(int length, int type, int encoding, int zero) {
    ByteBuf buffer = Unpooled.buffer();
    buffer.writeIntLE(length).writeByte(type).writeByte(encoding).writeShortLE(zero);
    return ByteBufUtil.getBytes(buffer);
  }

  @Test
  void badHeadersAreRefusedBeforeMemoryIsTaken() {
    assertRefused(true, header(-1, 15, 0, 0));
    assertRefused(true, header(Integer.MIN_VALUE, 9, 0, 0));
    assertRefused(true, header(Integer.MAX_VALUE, 11, 0, 0));
    assertRefused(true, header(FrameDecoder.VECTOR_CAP + 1, 11, 0, 0));
    assertRefused(true, header(FrameDecoder.FRIEND_CAP + 1, 13, 0, 0));
    assertRefused(true, header(8, 0, 0, 0));
    assertRefused(true, header(8, 16, 0, 0));
    assertRefused(true, header(8, 255, 0, 0));
    assertRefused(true, header(8, 15, 9, 0));
    assertRefused(true, header(8, 15, 0, 1));
    assertRefused(true, header(8, 15, 1, 0)); // no floats, so no format
    assertRefused(true, header(52, 9, 0, 1)); // float32 has no float32 tail
    assertRefused(true, header(52, 9, 3, 0));
    assertRefused(true, header(48 + 7, 9, 1, 0)); // half a number
    assertRefused(true, header(48 + 62, 9, 2, 1)); // a tail cut short
    assertRefused(false, header(FrameDecoder.STRANGER_CAP + 1, 1, 0, 0));
    for (Message message : Messages.trusted().subList(1, Messages.trusted().size())) {
      assertRefused(false, bytes(message));
    }
  }

  @Test
  void aTailOfFloat32FollowsTheNarrowFloats() {
    float[] values = new float[20];
    Arrays.fill(values, 1 + 0x1p-20f);
    FloatEncoding encoding = new FloatEncoding(FloatFormat.BFLOAT16, 1);
    byte[] frame = bytes(new Values(2, 5, 18, encoding, new Floats(values, 0, 20)));
    assertThat(frame).hasSize(8 + 16 + 4 * 2 + 16 * 4);
    assertThat(Arrays.copyOf(frame, 8)).containsExactly(96, 0, 0, 0, 10, 1, 1, 0);
    EmbeddedChannel channel = channel(true);
    channel.writeInbound(Unpooled.wrappedBuffer(frame));
    Arrays.fill(values, 0, 4, 1);
    assertThat(((Values) channel.readInbound()).floats().array()).containsExactly(values);
  }

  @Test
  void hugeFloatsAreRefusedByTheirReceiver() {
    Push push = (Push) Messages.trusted().get(4);
    byte[] frame = bytes(push);
    int fixed = frame.length - push.floats().length() * Float.BYTES;
    assertRefused(true, Arrays.copyOf(resized(frame, fixed + 101 * Float.BYTES), fixed));
    byte[] huge = Arrays.copyOf(frame, fixed);
    Unpooled.wrappedBuffer(huge).setIntLE(0, Integer.MAX_VALUE - 3);
    assertRefused(true, huge);
  }

  @Test
  void lengthsInsideABodyAreChecked() {
    byte[] reduced = bytes(Messages.trusted().get(7));
    for (int length : new int[] {-1, 2, 1 << 20, Integer.MAX_VALUE}) {
      Unpooled.wrappedBuffer(reduced).setIntLE(Message.HEADER + Long.BYTES, length);
      assertRefused(true, reduced);
    }
  }

  /** Widths, counts and the order of the keys, before memory is taken for rows. */
  @Test
  void rowsAreChecked() {
    PushRows push = message(PushRows.class);
    byte[] frame = bytes(push);
    int row = Long.BYTES + push.rows().width() * Float.BYTES;
    int count = frame.length - 2 * row - Integer.BYTES;
    for (int bad : new int[] {-1, 3, 1 << 16, Integer.MAX_VALUE}) {
      assertRefused(true, changed(frame, count, bad));
    }
    for (int bad : new int[] {-1, 0, 4, TableSpec.WIDEST + 1, Integer.MAX_VALUE}) {
      assertRefused(true, changed(frame, count - Integer.BYTES, bad));
    }
    assertRefused(true, changed(frame, count - 2 * Integer.BYTES, 2)); // piece 2 of 2
    assertRefused(true, changed(frame, count + 2 * Integer.BYTES, 9)); // a key that descends
    byte[] pull = bytes(message(PullRows.class));
    assertRefused(true, changed(pull, pull.length - 3 * Long.BYTES - Integer.BYTES, 1 << 20));
    int most = PullRows.most(TableSpec.WIDEST);
    assertThat(most).isGreaterThan(10);
    long[] tooMany = new long[most + 1];
    assertRefused(true, bytes(new PullRows(1, 1, 1, TableSpec.WIDEST, 1, tooMany)));
  }

  @Test
  void theMostRowsFitAFrame() {
    for (int width : new int[] {1, 7, 64, TableSpec.WIDEST}) {
      int most = PullRows.most(width);
      long[] keys = LongStream.range(0, most).toArray();
      SparseRows rows = new SparseRows(width, keys, new float[most * width]);
      PushRows push = new PushRows(1, 1, 1, 1, 0, 1, 1, 0, 1, rows);
      assertThat(push.frameLength()).isLessThanOrEqualTo(FrameDecoder.FRIEND_CAP);
      EmbeddedChannel channel = channel(true);
      channel.writeInbound(Unpooled.wrappedBuffer(bytes(push)));
      assertSame(channel.readInbound(), push);
    }
  }

  private static <M extends Message> M message(Class<M> type) {
    return Messages.trusted().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  private static byte[] changed(byte[] frame, int at, int number) {
    byte[] copy = frame.clone();
    Unpooled.wrappedBuffer(copy).setIntLE(at, number);
    return copy;
  }

  /** Whatever the bytes: a message, silence or a WireException, never anything else. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void garbageNeverBreaksTheDecoder(long seed) {
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<Message> messages = all().toList();
    for (int i = 0; i < 4_000; i++) {
      byte[] frame = bytes(messages.get(random.nextInt(messages.size())));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
      }
      EmbeddedChannel channel = channel(random.nextBoolean());
      try {
        channel.writeInbound(Unpooled.wrappedBuffer(frame));
        channel.checkException();
      } catch (WireException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
      channel.finishAndReleaseAll();
    }
  }
}
