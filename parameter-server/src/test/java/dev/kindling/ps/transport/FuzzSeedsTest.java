package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.MessageType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The corpus of {@link FrameDecoderFuzzTest} has a seed for each of {@link Messages}, so that the
 * search begins behind the lengths and types; and the seeds keep the bytes of the wire as they are.
 */
class FuzzSeedsTest {
  private static final String FOLDER =
      "FrameDecoderFuzzTestInputs/splitsChangeNothingAndNothingBreaks";
  private static final Path SOURCES = Path.of("src/test/resources/dev/kindling/ps/transport");
  private static final String WRITE = "kindling.writeSeeds";
  private static final Pattern NAME = Pattern.compile("\\d\\d-[A-Z_]+-\\d+");

  /** Whether the handshake is over, how the rest is cut, the frame. */
  private static byte[] seed(Message message) {
    byte[] frame = FrameDecoderTest.bytes(message);
    byte[] seed = new byte[2 + frame.length];
    seed[0] = (byte) (message.type().isHandshake() ? 0 : 1);
    seed[1] = 6;
    System.arraycopy(frame, 0, seed, 2, frame.length);
    return seed;
  }

  /** By the names of their files. */
  private static SortedMap<String, byte[]> seeds() {
    SortedMap<String, byte[]> seeds = new TreeMap<>();
    Map<MessageType, Integer> numbers = new EnumMap<>(MessageType.class);
    for (Message message : Messages.all()) {
      MessageType type = message.type();
      int number = numbers.merge(type, 1, Integer::sum);
      seeds.put("%02d-%s-%d".formatted(type.code(), type, number), seed(message));
    }
    return seeds;
  }

  /** With -Dkindling.writeSeeds they are written instead. */
  @Test
  void theBytesOfEveryMessageAreThoseOfItsSeed() throws Exception {
    if (System.getProperty(WRITE) != null) {
      write(SOURCES.resolve(FOLDER));
      return;
    }
    Map<String, byte[]> kept = corpus();
    kept.keySet().removeIf(name -> !NAME.matcher(name).matches());
    Map<String, byte[]> seeds = seeds();
    assertThat(kept.keySet()).as(advice("the messages")).isEqualTo(seeds.keySet());
    seeds.forEach(
        (name, bytes) ->
            assertThat(bytes).as(advice("the bytes of " + name)).isEqualTo(kept.get(name)));
  }

  private static String advice(String what) {
    return what
        + " on the wire have changed. Where they were meant to, change the specification in README.md too, and write"
        + " the seeds anew: ./mvnw test -pl parameter-server -am -Dtest=FuzzSeedsTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -D"
        + WRITE;
  }

  private static void write(Path folder) throws IOException {
    for (String name : corpus(folder).keySet()) {
      if (NAME.matcher(name).matches()) {
        Files.delete(folder.resolve(name));
      }
    }
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      Files.write(folder.resolve(seed.getKey()), seed.getValue());
    }
  }

  private static Map<String, byte[]> corpus() throws IOException, URISyntaxException {
    return corpus(Path.of(FuzzSeedsTest.class.getResource(FOLDER).toURI()));
  }

  private static Map<String, byte[]> corpus(Path folder) throws IOException {
    Map<String, byte[]> seeds = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        seeds.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return seeds;
  }

  @Test
  void everyKindOfMessageIsTested() {
    Set<MessageType> tested = EnumSet.noneOf(MessageType.class);
    Messages.all().forEach(message -> tested.add(message.type()));
    assertThat(tested).containsExactlyInAnyOrder(MessageType.values());
  }

  @Test
  void everySeedOfAMessageIsUnderstood() {
    seeds()
        .forEach(
            (name, seed) ->
                assertThat(FrameDecoderFuzzTest.yieldsAMessage(seed)).as(name).isTrue());
  }
}
