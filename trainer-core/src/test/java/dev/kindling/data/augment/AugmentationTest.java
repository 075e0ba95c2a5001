package dev.kindling.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final RowFormat FORMAT =
      new RowFormat(
          List.of(2, 3, 4),
          ElementType.UINT8,
          Target.label(2),
          new Normalisation(1, List.of(1f, 2f), List.of(1f, 1f)));

  /** Two channels counted up: 1 to 12, then 13 to 24. Black is -1 and -2. */
  private static float[] counted() {
    float[] image = new float[24];
    for (int i = 0; i < image.length; i++) {
      image[i] = i + 1;
    }
    return image;
  }

  private static ImageSample sample(float[] image) {
    ImageSample sample = new ImageSample(FORMAT);
    sample.moveTo(image, 0);
    return sample;
  }

  @Test
  void shiftsMoveTheContentAndLetBlackIn() {
    float[] image = counted();
    sample(image).shift(1, -1);
    assertThat(image)
        .containsExactly(
            -1, -1, -1, -1, 2, 3, 4, -1, 6, 7, 8, -1, -2, -2, -2, -2, 14, 15, 16, -2, 18, 19, 20,
            -2);
    sample(image).shift(0, 9);
    assertThat(image).containsOnly(-1, -2);
  }

  @Test
  void mirrorsExchangeLeftAndRight() {
    float[] image = counted();
    sample(image).mirror();
    assertThat(image).startsWith(4, 3, 2, 1, 8, 7, 6, 5).endsWith(24, 23, 22, 21);
  }

  @Test
  void rectanglesAreCutAtTheEdge() {
    float[] image = counted();
    sample(image).blacken(-1, 3, 2, 7);
    assertThat(image)
        .containsExactly(
            1, 2, 3, -1, 5, 6, 7, -1, 9, 10, 11, 12, 13, 14, 15, -2, 17, 18, 19, -2, 21, 22, 23,
            24);
  }

  private static float[] augmented(long seed, int replica, int epoch, int... rows) {
    float[] batch = new float[1 + rows.length * 24];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(counted(), 0, batch, 1 + i * 24, 24);
    }
    List<Transform> transforms =
        List.of(
            new Transform.RandomCrop(2),
            new Transform.RandomHorizontalFlip(0.5f),
            new Transform.Cutout(2));
    new Augmentation(FORMAT, transforms, seed, replica)
        .apply(epoch, rows, 0, rows.length, batch, 1);
    return batch;
  }

  private static float[] row(float[] batch, int index) {
    return Arrays.copyOfRange(batch, 1 + index * 24, 25 + index * 24);
  }

  @Test
  void aRowsChangeDoesNotDependOnItsBatch() {
    float[] together = augmented(1, 2, 3, 10, 20, 30);
    float[] apart = augmented(1, 2, 3, 30, 5);
    assertThat(row(together, 2)).isEqualTo(row(apart, 0));
    assertThat(together[0]).isZero();
  }

  @Test
  void seedReplicaEpochAndRowDecide() {
    Set<List<Float>> seen = new HashSet<>();
    for (int row = 0; row < 10; row++) {
      seen.add(asList(augmented(1, 0, 0, row)));
      seen.add(asList(augmented(2, 0, 0, row)));
      seen.add(asList(augmented(1, 1, 0, row)));
      seen.add(asList(augmented(1, 0, 1, row)));
    }
    assertThat(seen).hasSizeGreaterThan(30);
  }

  private static List<Float> asList(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  /** What one transform makes of the counted image in each of so many rows. */
  private static List<float[]> changed(Transform transform, int rows) {
    Augmentation augmentation = new Augmentation(FORMAT, List.of(transform), 3, 0);
    List<float[]> images = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      float[] image = counted();
      augmentation.apply(0, new int[] {row}, 0, 1, image, 0);
      images.add(image);
    }
    return images;
  }

  @Test
  void aFlipOfProbabilityZeroNeverMirrorsAndOneAlwaysDoes() {
    float[] mirrored = counted();
    sample(mirrored).mirror();
    assertThat(changed(new Transform.RandomHorizontalFlip(0), 500))
        .allSatisfy(image -> assertThat(image).containsExactly(counted()));
    assertThat(changed(new Transform.RandomHorizontalFlip(1), 500))
        .allSatisfy(image -> assertThat(image).containsExactly(mirrored));
  }

  @Test
  void aCropShiftsByEveryAmountUpToThePaddingAlongBothAxes() {
    Map<List<Float>, List<Integer>> shifts = new HashMap<>();
    for (int down = -2; down <= 2; down++) {
      for (int right = -2; right <= 2; right++) {
        float[] image = counted();
        sample(image).shift(down, right);
        shifts.put(asList(image), List.of(down, right));
      }
    }
    assertThat(shifts).hasSize(25);
    Map<List<Integer>, Integer> seen = new HashMap<>();
    int rows = 5000;
    for (float[] image : changed(new Transform.RandomCrop(2), rows)) {
      assertThat(shifts).containsKey(asList(image));
      seen.merge(shifts.get(asList(image)), 1, Integer::sum);
    }
    assertThat(seen).hasSize(25);
    assertThat(seen.values()).allSatisfy(n -> assertThat(n).isBetween(140, 260)); // about 200
  }

  @Test
  void everyShiftAndAboutHalfOfTheMirrorsComeUp() {
    SampleRandom random = new SampleRandom(4, 0);
    int[] shifts = new int[5];
    int mirrored = 0;
    for (int row = 0; row < 5000; row++) {
      random.moveTo(0, row);
      shifts[random.between(-2, 2) + 2]++;
      mirrored += random.uniform() < 0.5f ? 1 : 0;
    }
    assertThat(mirrored).isBetween(2350, 2650);
    for (int count : shifts) {
      assertThat(count).isBetween(850, 1150);
    }
  }

  @Test
  void transformsAreWrittenAndReadBack() {
    for (Transform transform :
        List.of(
            new Transform.RandomCrop(3),
            new Transform.RandomHorizontalFlip(0.25f),
            new Transform.Cutout(8))) {
      assertThat(Transform.of(transform.toSpec())).isEqualTo(transform);
    }
    assertThatThrownBy(() -> Transform.of(Spec.of("RandomCrob")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("did you mean 'RandomCrop'");
    assertThatThrownBy(() -> Transform.of(Spec.of("Cutout"))).hasMessageContaining("size");
    assertThatThrownBy(() -> new Transform.Cutout(0)).hasMessageContaining("Cutout: size is 0");
  }

  @Test
  void rowsThatAreNoImagesAreRefused() {
    RowFormat flat =
        new RowFormat(List.of(4), ElementType.UINT8, Target.label(2), Normalisation.none());
    assertThatThrownBy(() -> new Augmentation(flat, List.of(), 1, 0))
        .hasMessageContaining("[channels, height, width]");
  }
}
