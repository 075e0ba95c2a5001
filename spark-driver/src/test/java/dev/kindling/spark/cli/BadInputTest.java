package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Bad input gets one clear message, the right exit code, and leaves nothing half-written. */
class BadInputTest {
  @TempDir Path folder;
  private Path config;
  private Path runDirectory;
  private String errors;

  @BeforeEach
  void writeConfig() throws IOException {
    config = folder.resolve("config.yaml");
    runDirectory = folder.resolve("run");
    Files.writeString(
        config,
        """
        data: {format: idx, path: %s}
        model:
          - Flatten
          - Linear: {in: 784, out: 10}
        loss: CrossEntropyLoss
        optimizer:
          Adam: {lr: 0.001}
        cluster: {master: "local[2]"}
        """
            .formatted(folder));
  }

  private int train(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", config.toString(), "--run-dir", runDirectory.toString()));
    arguments.addAll(Arrays.asList(more));
    StringWriter written = new StringWriter();
    int code = Main.run(new PrintWriter(written, true), arguments.toArray(String[]::new));
    errors = written.toString();
    return code;
  }

  private void assertRefused(int code, int expected, String... words) {
    assertThat(code).as(errors).isEqualTo(expected);
    assertThat(errors).contains(words).doesNotContain("\tat ", "Exception");
    assertThat(errors.lines()).hasSize(1);
    assertThat(runDirectory).doesNotExist();
  }

  @Test
  void missingFilesAreNamed() {
    assertRefused(train(), 3, "train-images-idx3-ubyte", "data.path", folder.toString());
  }

  @Test
  void truncatedFileIsNamedWithBothSizes() throws IOException {
    IdxFiles.write(folder, 20, 10);
    Path images = folder.resolve("train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 1000));
    assertRefused(train(), 3, images.toString(), "15680", "984");
  }

  @Test
  void imagesAndLabelsOfDifferentCountsAreNamed() throws IOException {
    IdxFiles.write(folder, 20, 10);
    Files.copy(
        folder.resolve("t10k-labels-idx1-ubyte"),
        folder.resolve("train-labels-idx1-ubyte"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRefused(train(), 3, "20 images", "10 labels");
  }

  @Test
  void labelOutOfRangeIsNamed() throws IOException {
    IdxFiles.write(folder, 20, 10);
    Path labels = folder.resolve("train-labels-idx1-ubyte");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[8 + 7] = 11;
    Files.write(labels, bytes);
    assertRefused(train(), 3, labels.toString(), "label 11 of image 7");
  }

  @Test
  void misspeltKeyIsNamedWithTheNearest() {
    assertRefused(
        train("--set", "train.epoch=3"), 2, "unknown key 'epoch'", "did you mean 'epochs'");
    assertRefused(train("--set", "trian.epochs=3"), 2, "trian", "did you mean 'train'");
    assertRefused(train("--set", "cluster.worker=3"), 2, "did you mean 'workers'");
    assertRefused(train("--set", "optimizer={Adm: {lr: 1}}"), 2, "Adm", "did you mean 'Adam'");
    assertRefused(train("--set", "model=[Linaer: {in: 1, out: 1}]"), 2, "did you mean 'Linear'");
    assertRefused(train("--set", "servers.transport=sockets"), 2, "did you mean 'socket'");
    assertRefused(train("--set", "servers.wire=bfloat"), 2, "did you mean 'bfloat16'");
  }

  @Test
  void valueOfTheWrongKindIsNamed() {
    assertRefused(train("--set", "train.epochs=many"), 2, "epochs", "number");
    assertRefused(train("--set", "train.epochs=0"), 2, "train.epochs is 0");
    assertRefused(train("--set", "train.epochs"), 2, "key=value");
  }

  @Test
  void batchSmallerThanTheReplicasIsRefused() {
    assertRefused(
        train("--set", "train.batch_size=3", "--set", "train.replicas=4"),
        2,
        "train.batch_size is 3",
        "train.replicas is 4");
  }

  @Test
  void modelWhoseVectorsDoNotFitTheHeapTogetherIsRefusedBeforeTheyAreTaken() throws IOException {
    IdxFiles.write(folder, 20, 10);
    long outputs = Runtime.getRuntime().maxMemory() / Float.BYTES / 6 / 785;
    assertRefused(
        train("--set", "model=[Flatten, Linear: {in: 784, out: %d}]".formatted(outputs)),
        2,
        "in 8 vectors of that length (the layers' own parameters 1, versions of the parameters 2,"
            + " the optimizer's 2, what all of them begin with 3)",
        "GiB are needed and the heap has at most",
        "-Xmx",
        "KINDLING_HEAP=");
  }

  @Test
  void runDirectoryOfAnotherRunIsRefused() throws IOException {
    Files.createDirectories(runDirectory);
    Files.writeString(runDirectory.resolve("config.yaml"), "another");
    assertThat(train()).isEqualTo(2);
    assertThat(errors).contains("holds another run", "--run-dir");
    assertThat(runDirectory.resolve("config.yaml")).hasContent("another");
  }

  @Test
  void portThatIsTakenIsNamed() throws IOException {
    IdxFiles.write(folder, 200, 10);
    try (ServerSocket taken = new ServerSocket(0)) {
      int code =
          train(
              "--set", "servers.transport=socket", "--set", "servers.port=" + taken.getLocalPort());
      assertRefused(code, 4, String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void missingConfigurationIsNamed() {
    config = folder.resolve("absent.yaml");
    assertRefused(train(), 2, "absent.yaml");
  }

  @Test
  void noYamlIsNamedWithItsPlace() throws IOException {
    Files.writeString(config, "model: [Linear: {in: 3");
    assertThat(train()).isEqualTo(2);
    assertThat(errors).contains(config.toString(), "line");
  }

  @Test
  void stackTraceIsShownWhenAskedFor() {
    assertThat(train("--verbose")).isEqualTo(3);
    assertThat(errors).contains("\tat dev.kindling");
  }

  @Command(name = "greedy")
  static final class Greedy implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void heapThatIsFullIsToldInOneMessage() {
    CommandLine line = new CommandLine(new Main()).addSubcommand(new Greedy());
    StringWriter written = new StringWriter();
    assertThat(Main.run(line, new PrintWriter(written, true), "greedy")).isEqualTo(1);
    assertThat(written.toString().lines()).hasSize(1);
    assertThat(written.toString())
        .startsWith("kindling: out of memory (Java heap space); the heap has at most")
        .contains("KINDLING_HEAP", "train.batch_size");
  }

  @Test
  void unknownCommandIsAUsageError() {
    StringWriter written = new StringWriter();
    assertThat(Main.run(new PrintWriter(written, true), "trian")).isEqualTo(2);
    assertThat(written.toString()).contains("train");
  }
}
