package dev.kindling.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.augment.Transform.Cutout;
import dev.kindling.data.augment.Transform.RandomCrop;
import dev.kindling.data.augment.Transform.RandomHorizontalFlip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code data} says of images. */
class DataConfigTest {
  @TempDir Path folder;

  private RunConfig read(String data, String... overrides) throws IOException {
    Path file = folder.resolve("run.yaml");
    Files.writeString(
        file,
        data
            + "\nmodel: [Flatten, Linear: {in: 784, out: 10}]\nloss: CrossEntropyLoss\noptimizer: Adam\n");
    return RunConfig.read(file, List.of(overrides));
  }

  @Test
  void transformsAreReadInTheirOrderAndWrittenBack() throws IOException {
    RunConfig config =
        read(
            """
            data:
              mean: 0.5
              transforms:
                - RandomCrop: {padding: 2}
                - RandomHorizontalFlip
                - Cutout: {size: 8}""");
    assertThat(config.training(1).transforms())
        .containsExactly(new RandomCrop(2), new RandomHorizontalFlip(0.5f), new Cutout(8));
    Path written = folder.resolve("config.yaml");
    Files.writeString(written, config.toYaml());
    assertThat(RunConfig.read(written, List.of()).data()).isEqualTo(config.data());
  }

  @Test
  void noneAreTheDefaultAndAnOverrideSetsThem() throws IOException {
    assertThat(read("data: {format: digits}").training(1).transforms()).isEmpty();
    assertThat(read("data: {}", "data.transforms=[Cutout: {size: 4}]").training(1).transforms())
        .containsExactly(new Cutout(4));
  }

  @Test
  void whatIsMisspeltIsNamedWithItsLineAndTheNearest() {
    assertThatThrownBy(
            () -> read("data:\n  transforms:\n    - RandomCrop\n    - Cutoff: {size: 3}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.yaml, line 4")
        .hasMessageContaining("unknown type 'Cutoff'; did you mean 'Cutout'?");
    assertThatThrownBy(() -> read("data:\n  transforms: [Cutout: {size: 0}]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("line 2");
  }
}
