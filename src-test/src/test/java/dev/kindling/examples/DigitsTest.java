package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import org.junit.jupiter.api.Test;

/** The programs for MNIST on digits that need no files, shortened. */
class DigitsTest {
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static final Dataset TRAIN = SyntheticDigits.train(PIXELS);
  private static final Dataset TEST = TestData.first(1000, SyntheticDigits.test(PIXELS));

  @Test
  void twoHiddenLayers() {
    assertThat(MnistMlp.train(TRAIN, TEST, 2).accuracy()).isGreaterThan(0.95);
  }

  @Test
  void dropoutFromASmallNormalStart() {
    assertThat(DropoutMlp.train(TRAIN, TEST, 3).accuracy()).isGreaterThan(0.95);
  }

  @Test
  void convolutionsLearnFromAFewThousand() {
    Dataset few = TestData.first(5000, TRAIN);
    assertThat(MnistCnn.train(few, TEST, 1).accuracy()).isGreaterThan(0.9);
  }
}
