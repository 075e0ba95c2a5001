package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.augment.Transform.Cutout;
import dev.kindling.data.augment.Transform.RandomCrop;
import dev.kindling.data.augment.Transform.RandomHorizontalFlip;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Training images are changed at random; test images are not. */
class TransformsTest {
  private static final long SEED = 21;
  private static final int REPLICAS = 3;

  private static LocalTrainer trainer(TrainingConfig config, List<Slice> slices) {
    return new LocalTrainer(config, slices, ToyData.slices(60, REPLICAS, SEED + 1));
  }

  private static TrainingConfig config() {
    return ToyData.config(10, REPLICAS);
  }

  private static List<Slice> slices() {
    return ToyData.slices(100, REPLICAS, SEED);
  }

  /** The same labels beside images without light. */
  private static List<Slice> black() {
    return slices().stream().map(TransformsTest::black).toList();
  }

  private static Slice black(Slice slice) {
    SliceBuilder builder = new SliceBuilder(slice.format());
    for (int i = 0; i < slice.size(); i++) {
      byte[] row = slice.row(i).clone();
      Arrays.fill(row, 0, slice.format().features(), (byte) 0);
      builder.append(row);
    }
    return builder.build();
  }

  @Test
  void aCutoutOfTheWholeImageIsTrainingOnBlack() {
    LocalTrainer cut = trainer(config().transforming(new Cutout(64)), slices());
    LocalTrainer black = trainer(config(), black());
    cut.fit();
    black.fit();
    assertThat(cut.values()).containsExactly(black.values());
    assertThat(cut.evaluate()).isEqualTo(black.evaluate());
  }

  @Test
  void theSameSeedMakesTheSameChanges() {
    TrainingConfig changing =
        config().transforming(new RandomCrop(1), new RandomHorizontalFlip(0.5f), new Cutout(2));
    LocalTrainer first = trainer(changing, slices());
    LocalTrainer second = trainer(changing, slices());
    LocalTrainer plain = trainer(config(), slices());
    first.fit();
    second.fit();
    plain.fit();
    assertThat(first.values()).containsExactly(second.values());
    assertThat(first.values()).isNotEqualTo(plain.values());
  }

  @Test
  void rowsThatAreNoImagesAreRefused() {
    List<Slice> flat = slices().stream().map(s -> s.as(s.format().withShape(List.of(16)))).toList();
    LocalTrainer trainer = trainer(config().transforming(new Cutout(2)), flat);
    assertThatThrownBy(trainer::step)
        .hasMessage(
            "transforms of images: rows of shape [16]; they must be [channels, height, width]");
  }
}
