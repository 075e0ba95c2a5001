package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeGradientTest {
  private static final long SEED = 9;
  private static final int SAMPLES = 32;
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder()
          .add("0.weight", List.of(37, 21), Kind.PARAMETER)
          .add("0.bias", List.of(37), Kind.PARAMETER)
          .addStatistic("1.running_mean", List.of(37), 0.1f)
          .add("2.weight", List.of(10, 37), Kind.PARAMETER)
          .add("2.bias", List.of(10), Kind.PARAMETER)
          .build();
  private static final int LENGTH = Math.toIntExact(LAYOUT.length());
  private static final List<Map<String, Object>> EXCLUDED =
      List.of(Map.of("dims", 1, "weight_decay", 0, "trust", false));

  private final SplittableRandom random = new SplittableRandom(SEED);

  private float[] gaussian(double deviation) {
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static FlatUpdate rule(Spec optimizer) {
    return new FlatUpdate(LAYOUT, Optimizer.of(optimizer), new Schedule.Constant(), 10);
  }

  private static Spec spec(int number) {
    return switch (number) {
      case 0 -> Spec.of("SGD", "lr", 0.1, "momentum", 0.9, "clip_norm", 0.05);
      case 1 -> Spec.of("Adam", "clip_norm", 0.05);
      case 2 -> Spec.of("LARS", "lr", 2, "weight_decay", 1e-3, "groups", EXCLUDED);
      case 3 -> Spec.of("LAMB", "lr", 0.01, "groups", EXCLUDED);
      default -> Spec.of("LAMB", "lr", 0.01, "clip_norm", 0.05, "groups", EXCLUDED);
    };
  }

  private static Update whole(FlatUpdate rule, float[] start) {
    Update u = new Update();
    u.current = start.clone();
    u.next = new float[LENGTH];
    u.state = new float[rule.optimizer().stateNames().size()][LENGTH];
    u.gradientScale = 1f / SAMPLES;
    u.to = LENGTH;
    return u;
  }

  private static void swap(Update u) {
    float[] done = u.current;
    u.current = u.next;
    u.next = done;
    u.step++;
  }

  /** Shards of one bucket each, with arrays of their own, against one process with all. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void anyCutIntoShardsGivesTheSameBits(int number) {
    FlatUpdate rule = rule(spec(number));
    for (int size : new int[] {16, 48, 272, 1024}) {
      float[] start = gaussian(0.3);
      Update one = whole(rule, start);
      GradientNorms norms = new GradientNorms(LAYOUT);
      Shards shards = new Shards(rule, start, size);
      for (int step = 0; step < 5; step++) {
        float[] sums = gaussian(SAMPLES * 0.01);
        one.gradient = sums;
        rule.applyWhole(one, norms);
        swap(one);
        shards.step(sums, SAMPLES);
      }
      assertThat(shards.values()).as("shards of %d", size).containsExactly(one.current);
    }
  }

  /** The rules as the papers write them, in double precision, tensor by tensor. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 4})
  void followsTheFormulaOfThePaper(int number) {
    FlatUpdate rule = rule(spec(number));
    float[] start = gaussian(0.3);
    Update u = whole(rule, start);
    PaperRules paper = new PaperRules(LAYOUT, spec(number), start);
    GradientNorms norms = new GradientNorms(LAYOUT);
    for (int step = 0; step < 100; step++) {
      u.gradient = gaussian(SAMPLES * 0.01);
      paper.step(u.gradient, SAMPLES);
      rule.applyWhole(u, norms);
      swap(u);
    }
    for (Slot slot : LAYOUT.parameterSlots()) {
      for (int i = (int) slot.offset(); i < slot.end(); i++) {
        assertThat((double) u.current[i])
            .as("seed %d, %s, element %d", SEED, slot.name(), i)
            .isCloseTo(paper.values()[i], within(1e-4));
      }
    }
  }

  /** PyTorch 2.13.0: clip_grad_norm_ over two tensors, SGD 0.1 with momentum 0.9, five steps. */
  @Test
  void clippingByNormGivesWhatPyTorchGives() {
    FlatLayout layout =
        new FlatLayout.Builder()
            .add("p", List.of(4), Kind.PARAMETER)
            .add("q", List.of(2), Kind.PARAMETER)
            .build();
    Spec spec = Spec.of("SGD", "lr", 0.1, "momentum", 0.9, "clip_norm", 0.6);
    FlatUpdate rule = new FlatUpdate(layout, Optimizer.of(spec), new Schedule.Constant(), 10);
    Update u = new Update();
    u.current = new float[] {0.5f, -1.25f, 2, 0.03f, 1, -1, 0, 0, 0};
    u.next = new float[9];
    u.state = new float[1][9];
    u.gradientScale = 0.5f;
    u.to = 9;
    GradientNorms norms = new GradientNorms(layout);
    for (int t = 0; t < 5; t++) {
      u.gradient = new float[9];
      for (int i = 0; i < 6; i++) {
        int at = i < 4 ? t * 7 + i * 3 : (t + 5) * 7 + (i - 4) * 3;
        u.gradient[i] = (at % 11 - 5) / 4f;
      }
      rule.applyWhole(u, norms);
      swap(u);
    }
    assertThat(norms.gradientNorm() / 2).isCloseTo(1.0307764064044151, within(1e-9));
    double[] expected = {
      0.58341552393951,
      -1.3159760246468855,
      1.974064127686538,
      -0.04350358585335402,
      1.0377846704391274,
      -0.9221751772274492
    };
    for (int i = 0; i < 6; i++) {
      assertThat((double) u.current[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void measuringChangesNothingSoThatAStepCanBeRefused() {
    FlatUpdate rule = rule(spec(4));
    float[] start = gaussian(0.3);
    Update u = whole(rule, start);
    GradientNorms norms = new GradientNorms(LAYOUT);
    u.gradient = gaussian(1);
    u.gradient[100] = Float.NaN;
    double[] parts = new double[norms.length(Measurement.GRADIENT, 0, LENGTH)];
    rule.measure(Measurement.GRADIENT, u, 0, norms, parts);
    norms.add(Measurement.GRADIENT, 0, LENGTH, parts);
    assertThat(norms.gradientNorm()).isNaN();
    assertThat(u.current).containsExactly(start);
    assertThat(u.state).isDeepEqualTo(new float[2][LENGTH]);
    u.gradient[100] = 0;
    rule.applyWhole(u, norms);
    assertThat(norms.gradientNorm()).isFinite();
  }

  @Test
  void statisticsAndMetricsAreNotClipped() {
    Update u = whole(rule(spec(0)), new float[LENGTH]);
    u.gradient = new float[LENGTH];
    java.util.Arrays.fill(u.gradient, 3200);
    rule(spec(0)).applyWhole(u, new GradientNorms(LAYOUT));
    int statistic = Math.toIntExact(LAYOUT.slots().get(2).offset());
    assertThat(u.next[statistic]).isEqualTo(10);
    assertThat(u.next[LENGTH - 1]).isEqualTo(3200);
    assertThat(u.next[0]).isBetween(-0.1f, -1e-6f);
  }

  @Test
  void groupsHaveTheirOwnRateAndDecay() {
    Map<String, Object> group = Map.of("match", "*.bias", "weight_decay", 0, "lr_factor", 10);
    FlatUpdate rule = rule(Spec.of("SGD", "lr", 0.1, "weight_decay", 1, "groups", List.of(group)));
    float[] start = new float[LENGTH];
    java.util.Arrays.fill(start, 1);
    Update u = whole(rule, start);
    u.gradient = new float[LENGTH];
    java.util.Arrays.fill(u.gradient, SAMPLES * 0.5f);
    u.observedFactor = 0.5;
    rule.apply(u, 0);
    assertThat(u.next[0]).isCloseTo(1 - 0.05f * 1.5f, within(1e-6f));
    int bias = Math.toIntExact(LAYOUT.slots().get(1).offset());
    assertThat(u.next[bias]).isCloseTo(1 - 0.5f * 0.5f, within(1e-6f));
    assertThat(rule.lr(3)).isEqualTo(0.1);
  }

  @Test
  void saysWhatIsMissing() {
    FlatUpdate clipped = rule(spec(0));
    Update u = whole(clipped, new float[LENGTH]);
    u.gradient = new float[LENGTH];
    GradientNorms norms = new GradientNorms(LAYOUT);
    assertThatThrownBy(() -> clipped.apply(u, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs norms of the whole gradient");
    assertThatThrownBy(() -> clipped.apply(u, 0, norms))
        .hasMessageContaining("GRADIENT was measured up to element 0 of " + LENGTH);
    assertThatThrownBy(() -> norms.add(Measurement.GRADIENT, 16, 32, new double[9]))
        .hasMessageContaining("add the ranges in the vector's order");
    Spec misspelt = Spec.of("SGD", "groups", List.of(Map.of("match", "*.bais", "weight_decay", 0)));
    assertThatThrownBy(() -> rule(misspelt))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("no parameter fits '*.bais'; there are 0.weight, 0.bias, 2.weight");
  }

  @Test
  void elementwiseRulesNeedNoMeasurement() {
    FlatUpdate plain = new FlatUpdate(LAYOUT, new SGD(0.1), new Schedule.Constant(), 10);
    assertThat(plain.measurements()).isEmpty();
    assertThat(rule(spec(0)).measurements()).containsExactly(Measurement.GRADIENT);
    assertThat(rule(spec(2)).measurements()).containsExactly(Measurement.DIRECTION);
    assertThat(rule(spec(4)).measurements())
        .containsExactly(Measurement.GRADIENT, Measurement.DIRECTION);
  }
}
