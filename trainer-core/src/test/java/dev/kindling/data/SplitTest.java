package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.digits.SyntheticDigits;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitTest {
  private static final SyntheticDigits DATA = new SyntheticDigits(1, 0, 101, Normalisation.none());

  private static Set<Long> hashes(Dataset data) {
    Set<Long> hashes = new HashSet<>();
    for (int i = 0; i < data.size(); i++) {
      hashes.add(new RowOrder(0).hash(data.row(i)));
    }
    return hashes;
  }

  @Test
  void thePartsAreDisjointAndTogetherTheWhole() {
    Split<Dataset> split = Split.of(DATA, 0.2, 5);
    assertThat(split.validation().size()).isEqualTo(20);
    assertThat(split.train().size()).isEqualTo(81);
    Set<Long> both = hashes(split.train());
    both.addAll(hashes(split.validation()));
    assertThat(both).isEqualTo(hashes(DATA)).hasSize(101);
    assertThat(split.train().format()).isEqualTo(DATA.format());
  }

  @Test
  void theSeedDecides() {
    assertThat(hashes(Split.of(DATA, 0.2, 5).validation()))
        .isEqualTo(hashes(Split.of(DATA, 0.2, 5).validation()))
        .isNotEqualTo(hashes(Split.of(DATA, 0.2, 6).validation()));
  }

  @Test
  void aPartMayBeEmptyAndAFractionMustBeOne() {
    assertThat(Split.of(DATA, 0, 1).validation().size()).isZero();
    assertThat(Split.of(DATA, 1, 1).train().size()).isZero();
    assertThatThrownBy(() -> Split.of(DATA, 1.5, 1)).hasMessageContaining("fraction is 1.5");
  }
}
