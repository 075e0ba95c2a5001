package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run directory on a file system that is too small for what a run writes. */
class FullDiskRunTest {
  private static final String IN_A_SMALL_FILE_SYSTEM =
      "mount -t tmpfs -o size=96k tmpfs \"$1\" || exit 99; shift; exec \"$@\"";

  @TempDir Path folder;

  private int run(Path output, List<String> command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start()
        .waitFor();
  }

  private List<String> mounting(Path place, List<String> command) {
    List<String> all = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c"));
    all.addAll(List.of(IN_A_SMALL_FILE_SYSTEM, "sh", place.toString()));
    all.addAll(command);
    return all;
  }

  private boolean canMount(Path place) throws InterruptedException {
    try {
      return run(folder.resolve("try.txt"), mounting(place, List.of("true"))) == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  /** Not even a checkpoint finds room; all epochs are trained, and the end says what is missing. */
  @Test
  void trainingGoesOnAndSaysWhatIsNotWritten() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("run"));
    assumeTrue(canMount(directory), "nobody may mount a file system here");
    CommandLineRun runs = CommandLineRun.prepare(folder);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(
        List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(
        runs.training("run", "--set", "train.epochs=20", "--set", "train.histograms=true"));
    Path output = folder.resolve("output.txt");
    int code = run(output, mounting(directory, command));
    String said = Files.readString(output);
    assertThat(code).as(said).isEqualTo(ExitCode.FAILED);
    assertThat(said.lines().filter(line -> line.matches(" +[0-9]+ +[0-9.]+ .*"))).hasSize(20);
    assertThat(said)
        .containsPattern("events.out.tfevents.* cannot be written: .*; training goes on")
        .containsPattern("no checkpoint was written .*; training goes on")
        .containsOnlyOnce("tfevents")
        .doesNotContain("\tat ")
        .containsPattern("kindling: .*model.safetensors.*");
  }
}
