package dev.kindling.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Groups and clipping as arguments of an optimizer's written form. */
class WrittenOptimizerTest {
  private static final List<Map<String, Object>> GROUPS =
      List.of(
          Map.of("match", "head.*", "lr_factor", 10),
          Map.of("match", List.of("*.bias", "norm?.*"), "weight_decay", 0),
          Map.of("dims", 1, "weight_decay", 0.5));

  private static Optimizer grouped() {
    return Optimizer.of(Spec.of("SGD", "lr", 0.1, "weight_decay", 0.01, "groups", GROUPS));
  }

  @Test
  void aParameterBelongsToTheFirstGroupThatFits() {
    SGD rule = new SGD(0.1, 0, 0, 0.01, false);
    assertThat(grouped().forParameter("0.weight", 2)).isEqualTo(rule);
    assertThat(grouped().forParameter("head.bias", 1)).isEqualTo(new SGD(1, 0, 0, 0.01, false));
    assertThat(grouped().forParameter("0.bias", 1)).isEqualTo(new SGD(0.1, 0));
    assertThat(grouped().forParameter("norm1.weight", 1)).isEqualTo(new SGD(0.1, 0));
    assertThat(grouped().forParameter("norm12.weight", 2)).isEqualTo(rule);
    assertThat(grouped().forParameter("1.weight", 1)).isEqualTo(new SGD(0.1, 0, 0, 0.5, false));
  }

  @Test
  void isReadBackFromItsWrittenForm() {
    Optimizer all =
        Optimizer.of(Spec.of("LAMB", "groups", GROUPS, "clip_norm", Double.POSITIVE_INFINITY));
    assertThat(Optimizer.of(all.toSpec())).isEqualTo(all);
    assertThat(all.maxNorm()).hasValue(Double.POSITIVE_INFINITY);
    Optimizer byValue = Optimizer.of(Spec.of("Adam", "groups", GROUPS, "clip_value", 0.5));
    assertThat(Optimizer.of(byValue.toSpec())).isEqualTo(byValue);
    assertThat(byValue.maxNorm()).isEmpty();
    assertThat(byValue.lr()).isEqualTo(0.001);
    assertThat(byValue.stateNames()).containsExactly("exp_avg", "exp_avg_sq");
  }

  @Test
  void isMadeInCodeToo() {
    Optimizer made =
        new ClipByNorm(
            new ParameterGroups(
                new Adam(0.01),
                List.of(
                    ParameterGroup.matching("*.bias", "weight_decay", 0.0),
                    ParameterGroup.upTo(1, "lr_factor", 2))),
            1);
    assertThat(Optimizer.of(made.toSpec())).isEqualTo(made);
    assertThat(made.forParameter("1.weight", 1).lr()).isEqualTo(0.02);
  }

  @Test
  void saysWhichPatternFitsNothing() {
    grouped().requireMatches(List.of("head.weight", "0.bias", "norm1.bias"));
    assertThatThrownBy(() -> grouped().requireMatches(List.of("head.weight", "0.bias")))
        .isInstanceOf(SpecException.class)
        .hasMessage("groups: no parameter fits 'norm?.*'; there are head.weight, 0.bias");
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> sgd("groups", List.of(Map.of("lr", 1))))
        .hasMessageContaining("write match: \"*.bias\" or dims: 1");
    assertThatThrownBy(() -> sgd("groups", List.of(Map.of("dims", 1, "weight_decy", 1))))
        .hasMessageContaining("SGD: unknown argument 'weight_decy'");
    assertThatThrownBy(() -> sgd("groups", List.of("*.bias")))
        .hasMessageContaining("*.bias is not a group");
    assertThatThrownBy(() -> sgd("groups", List.of(Map.of("dims", 1, "momentum", 0.9))))
        .hasMessageContaining("change values, not which state there is");
    assertThatThrownBy(() -> sgd("clip_norm", 0))
        .hasMessage("SGD: clip_norm is 0.0; it must be above zero");
    assertThatThrownBy(() -> sgd("clip_norm", 1, "clip_value", 1))
        .hasMessageContaining("clip_value does not go together with clip_norm");
    assertThatThrownBy(() -> Optimizer.of(Spec.of("LARS", "clip_value", 1)))
        .hasMessageContaining("or a trust ratio; keep one");
  }

  private static Optimizer sgd(Object... arguments) {
    return Optimizer.of(Spec.of("SGD", arguments));
  }

  /** PyTorch 2.13.0, clip_grad_value_ before each of five steps; see {@link OptimizerCase}. */
  @Test
  void clippingByValueGivesWhatPyTorchGives() {
    double[] expected = {0.535128, -1.2576675000000002, 2.00068125, -0.05605300000000002};
    Trial trial =
        new Trial(
            sgd("lr", 0.1, "momentum", 0.9, "clip_value", 0.3),
            new float[] {0.5f, -1.25f, 2, 0.03f});
    trial.update.gradientScale = 0.25f;
    for (int t = 0; t < 5; t++) {
      float[] sums = new float[6];
      for (int i = 0; i < 4; i++) {
        sums[i + 2] = ((t * 7 + i * 3) % 11 - 5) / 2f;
      }
      trial.step(sums, 2, 1);
      assertThat(trial.update.gradient).isSameAs(sums);
      assertThat(trial.update.gradientScale).isEqualTo(0.25f);
    }
    for (int i = 0; i < 4; i++) {
      assertThat((double) trial.values()[i]).isCloseTo(expected[i], within(1e-6));
    }
  }
}
