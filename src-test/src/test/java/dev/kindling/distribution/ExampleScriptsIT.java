package dev.kindling.distribution;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The scripts that reproduce papers, on a few drawn digits in MNIST's files. */
@DisabledOnOs(OS.WINDOWS)
class ExampleScriptsIT {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("kindling.distribution", "../deploy/target/kindling"), "examples")
          .toAbsolutePath();

  @TempDir Path folder;

  @BeforeEach
  void drawDigits() throws IOException {
    Path data = Files.createDirectory(folder.resolve("the data"));
    SyntheticDigits digits = SyntheticDigits.train(Normalisation.pixels());
    write(data, "train", digits.range(0, 300));
    write(data, "t10k", digits.range(300, 350));
  }

  private static void write(Path data, String part, SyntheticDigits digits) throws IOException {
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    head(images, 0x803, digits.size(), 28, 28);
    head(labels, 0x801, digits.size());
    for (int i = 0; i < digits.size(); i++) {
      images.write(digits.row(i), 0, 28 * 28);
      labels.write(digits.row(i)[28 * 28]);
    }
    Files.write(data.resolve(part + "-images-idx3-ubyte"), images.toByteArray());
    Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.toByteArray());
  }

  private static void head(ByteArrayOutputStream file, int... numbers) throws IOException {
    DataOutputStream out = new DataOutputStream(file);
    for (int number : numbers) {
      out.writeInt(number);
    }
  }

  /** Runs {@code run.sh --quick} of an example. */
  private void quick(String example, String only, String... settings) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(EXAMPLES.resolve(example).resolve("run.sh").toString());
    command.addAll(List.of("--quick", "--only", only));
    Arrays.stream(settings).forEach(setting -> command.addAll(List.of("--set", setting)));
    command.add(folder.resolve("the data").toString());
    command.add(folder.resolve("the runs").toString());
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("KINDLING_HEAP", "512m");
    Process script = builder.start();
    try {
      assertThat(script.waitFor(5, MINUTES)).as(Files.readString(output)).isTrue();
    } finally {
      script.descendants().forEach(ProcessHandle::destroyForcibly);
      script.destroyForcibly();
    }
    assertThat(script.exitValue()).as(Files.readString(output)).isZero();
  }

  private List<String> table(String name) throws IOException {
    Path into = folder.resolve("the runs").resolve(name);
    assertThat(ImageIO.read(into.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);
    return Files.readAllLines(into.resolve("table.csv"));
  }

  @Test
  void federatedAveragingIsSetBesideThePaper() throws Exception {
    quick("fedavg", "2nn-iid-E1-.*", "federated.rounds=2", "federated.clients=20");
    List<String> table = table("2nn-quick");
    assertThat(table).hasSize(3);
    assertThat(table.get(0)).endsWith("reached,published,speed_up,published_speed_up");
    assertThat(table)
        .anyMatch(row -> row.matches("2nn-iid-E1-all,2,.*,1474,[^,]*,1\\.0"))
        .anyMatch(row -> row.matches("2nn-iid-E1-B10,2,.*,87,[^,]*,16\\.9"));
  }

  @Test
  void errorsAreSetAgainstTheBatch() throws Exception {
    quick("large-batch", ".*\\.1\\.64", "train.epochs=1", "train.warmup_epochs=0");
    List<String> table = table("mnist");
    assertThat(table.get(0)).startsWith("line,train.batch_size,runs,diverged,test_error");
    assertThat(table.stream().map(row -> row.split(",", -1)[0]))
        .contains("unscaled", "scaled", "warm-up", "LARS");
  }
}
