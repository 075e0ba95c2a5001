package dev.kindling.ps.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.server.ParameterServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file of the newest checkpoint, it is named and the one before is used. */
class DamagedCheckpointTest {
  private static final int SEED = 7;

  /** A file of up to so many bytes is damaged at each of them. */
  private static final int SMALL = 300;

  private static final int SAMPLES = 40;

  private final FakeTraining training = new FakeTraining(203, 2).withTables();
  private final RunSpec run = training.run("run-a", 8);
  @TempDir Path folder;

  private Checkpoints checkpoints() {
    return new Checkpoints(new LocalCheckpointStore(folder), run);
  }

  @BeforeEach
  void train() throws Exception {
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .checkpoints(new LocalCheckpointStore(folder), 4, 2, e -> {})
            .start()) {
      FakeWorkers.run(training, server.location(), 1, 1, 8);
    }
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(8);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("step-8"))) {
      List<Path> sorted = files.sorted().toList();
      assertThat(sorted)
          .extracting(file -> file.getFileName().toString())
          .containsExactly(
              "COMMITTED",
              "manifest-term-1",
              "shard-0-term-1.safetensors",
              "table-0-term-1.rows",
              "table-1-term-1.rows");
      return sorted;
    }
  }

  /** Head, middle, tail and many between; of a small file every place. */
  private static TreeSet<Integer> places(int length) {
    TreeSet<Integer> places = new TreeSet<>(List.of(0, length / 2, length - 1));
    Random random = new Random(SEED);
    for (int i = 0; i < (length > SMALL ? SAMPLES : length); i++) {
      places.add(length > SMALL ? random.nextInt(length) : i);
      places.add(i);
    }
    return places;
  }

  private void assertPassedOver(Path file) throws IOException {
    // A manifest whose line is wrong may tell on the file that it speaks of.
    String named = file.toString().contains("manifest") ? "" : file.getFileName().toString();
    assertThatThrownBy(() -> checkpoints().read(8))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("step-8/" + named);
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(4);
  }

  @Test
  void aBitThatIsWrongAnywhere() throws IOException {
    for (Path file : files()) {
      byte[] whole = Files.readAllBytes(file);
      for (int place : places(whole.length)) {
        byte[] damaged = whole.clone();
        damaged[place] ^= (byte) (1 << place % 8);
        Files.write(file, damaged);
        assertPassedOver(file);
      }
      Files.write(file, whole);
    }
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(8);
  }

  @Test
  void aFileThatIsCutAtAnyLength() throws IOException {
    for (Path file : files()) {
      byte[] whole = Files.readAllBytes(file);
      for (int length : places(whole.length)) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertPassedOver(file);
      }
      Files.write(file, whole);
    }
  }

  @Test
  void aFileThatIsLongerEmptyOrGone() throws IOException {
    for (Path file : files()) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length + 1));
      assertPassedOver(file);
      Files.write(file, new byte[whole.length]);
      assertPassedOver(file);
      Files.delete(file);
      assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(4);
      Files.createDirectory(file); // what a file system says of this is its own affair
      assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(4);
      Files.delete(file);
      Files.write(file, whole);
    }
  }

  /** A step that is computed a second time replaces what is damaged of its checkpoint. */
  @Test
  void aDamagedOneIsWrittenAgain() throws IOException {
    Snapshot sound = checkpoints().newest().orElseThrow();
    Path manifest = folder.resolve("step-8/manifest-term-1");
    Files.write(manifest, Arrays.copyOf(Files.readAllBytes(manifest), 60));
    assertThatThrownBy(() -> checkpoints().read(8)).isInstanceOf(CheckpointException.class);
    RunSpec withoutTables = new FakeTraining(203, 2).run("run-a", 8);
    Checkpoints again = new Checkpoints(new LocalCheckpointStore(folder), withoutTables);
    again.write(sound.with(List.of()), 2);
    assertThat(again.newest().orElseThrow().values()).isEqualTo(sound.values());
  }
}
