package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.MessageType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The corpus of {@link FrameDecoderFuzzTest} knows every kind of message, so that the search begins
 * behind the lengths and types. {@link #main} writes a seed for each of {@link Messages}.
 */
class FuzzSeedsTest {
  private static final String FOLDER =
      "FrameDecoderFuzzTestInputs/splitsChangeNothingAndNothingBreaks";
  private static final int TYPE = 2 + Integer.BYTES;

  /** Whether the handshake is over, how the rest is cut, the frame. */
  private static byte[] seed(Message message) {
    byte[] frame = FrameDecoderTest.bytes(message);
    byte[] seed = new byte[2 + frame.length];
    seed[0] = (byte) (message.type().isHandshake() ? 0 : 1);
    seed[1] = 6;
    System.arraycopy(frame, 0, seed, 2, frame.length);
    return seed;
  }

  /** Writes the seeds to a folder; to be run when a message was added or changed. */
  public static void main(String[] args) throws IOException {
    Map<MessageType, Integer> written = new EnumMap<>(MessageType.class);
    for (Message message : Messages.all()) {
      MessageType type = message.type();
      int number = written.merge(type, 1, Integer::sum);
      String name = "%02d-%s-%d".formatted(type.code(), type, number);
      Files.write(Path.of(args[0], name), seed(message));
    }
  }

  @Test
  void everyKindOfMessageIsTested() {
    Set<MessageType> tested = EnumSet.noneOf(MessageType.class);
    Messages.all().forEach(message -> tested.add(message.type()));
    assertThat(tested).containsExactlyInAnyOrder(MessageType.values());
  }

  @Test
  void everyKindOfMessageHasASeedThatIsUnderstood() throws Exception {
    Set<MessageType> sown = EnumSet.noneOf(MessageType.class);
    for (byte[] seed : corpus()) {
      if (seed.length > TYPE && FrameDecoderFuzzTest.yieldsAMessage(seed)) {
        sown.add(MessageType.of(seed[TYPE]));
      }
    }
    assertThat(sown)
        .as("kinds of message with a seed; FuzzSeedsTest.main writes them")
        .containsExactlyInAnyOrder(MessageType.values());
  }

  private static List<byte[]> corpus() throws IOException, URISyntaxException {
    List<byte[]> seeds = new ArrayList<>();
    Path folder = Path.of(FuzzSeedsTest.class.getResource(FOLDER).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        seeds.add(Files.readAllBytes(file));
      }
    }
    return seeds;
  }
}
