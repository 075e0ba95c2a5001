package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.autograd.Gradients;
import dev.kindling.kernel.Philox;
import dev.kindling.nn.Parallel.Join;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers against their formulas in double precision. */
class FormulaTest {
  private static final long SEED = 20260212;
  private static final Offset<Double> CLOSE = Offset.offset(2e-5);
  private static final int SAMPLES = 2;
  private static final int POSITIONS = 7;

  private static Tensor random(int stream, int... sizes) {
    return Tensor.randn(new Philox(SEED, stream, 0), sizes);
  }

  private static void assertClose(float[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], CLOSE);
    }
  }

  private static void assertClose(float[][] actual, double[][] expected) {
    assertThat(actual.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertClose(actual[i], expected[i]);
    }
  }

  @Test
  void aPositionalEncodingAddsSinesAndCosinesOfFallingFrequency() {
    int dim = 5; // odd: the last wave is a sine without its cosine
    Tensor x = random(1, SAMPLES, POSITIONS, dim);
    float[][][] in = (float[][][]) x.toNested();
    float[][][] out = (float[][][]) new PositionalEncoding().forward(x).toNested();
    for (int n = 0; n < SAMPLES; n++) {
      double[][] expected = PlainLayers.doubles(in[n]);
      for (int t = 0; t < POSITIONS; t++) {
        for (int i = 0; 2 * i < dim; i++) {
          double angle = t * Math.exp(-2.0 * i / dim * Math.log(10_000));
          expected[t][2 * i] += Math.sin(angle);
          if (2 * i + 1 < dim) {
            expected[t][2 * i + 1] += Math.cos(angle);
          }
        }
      }
      assertClose(out[n], expected);
    }
  }

  @Test
  void aPositionalEmbeddingAddsTheVectorOfEachPosition() {
    PositionalEmbedding layer = new PositionalEmbedding(POSITIONS + 2, 3);
    layer.initialize(SEED);
    Tensor x = random(2, SAMPLES, POSITIONS, 3);
    double[][] weight = new PlainLayers(layer.stateDict()).matrix("weight");
    float[][][] in = (float[][][]) x.toNested();
    Tensor y = layer.forward(x);
    float[][][] out = (float[][][]) y.toNested();
    for (int n = 0; n < SAMPLES; n++) {
      double[][] positions = java.util.Arrays.copyOf(weight, POSITIONS);
      assertClose(out[n], PlainLayers.plus(PlainLayers.doubles(in[n]), positions));
    }
    Tensor own = layer.namedParameters().get("weight").tensor();
    Tensor gradient = Gradients.of(y.sum(), List.of(own)).get(0);
    double[] expected = new double[(POSITIONS + 2) * 3];
    java.util.Arrays.fill(expected, 0, POSITIONS * 3, SAMPLES); // the last two were not used
    assertClose(gradient.toArray(), expected);
  }

  private static double[][] rows(Tensor x) {
    return PlainLayers.doubles((float[][]) x.toNested());
  }

  @Test
  void parallelBranchesAreConcatenatedOrAdded() {
    Tensor x = random(3, 4, 3);
    Module linear = new Linear(3, 3);
    Parallel concatenated = new Parallel(linear, new Tanh(), new ReLU());
    concatenated.initialize(SEED);
    PlainLayers parameters = new PlainLayers(concatenated.stateDict());
    double[][] first = parameters.linear("0", rows(x));
    double[][] second = PlainLayers.map(rows(x), Math::tanh);
    double[][] third = PlainLayers.map(rows(x), z -> Math.max(z, 0));

    double[][] beside = new double[4][9];
    for (int n = 0; n < 4; n++) {
      System.arraycopy(first[n], 0, beside[n], 0, 3);
      System.arraycopy(second[n], 0, beside[n], 3, 3);
      System.arraycopy(third[n], 0, beside[n], 6, 3);
    }
    assertClose((float[][]) concatenated.forward(x).toNested(), beside);
    List<Module> branches = List.of(linear, new Tanh(), new ReLU());
    assertClose(
        (float[][]) new Parallel(branches, Join.ADD, 1).forward(x).toNested(),
        PlainLayers.plus(PlainLayers.plus(first, second), third));
  }

  @Test
  void parallelBranchesStandAlongTheDimensionThatIsNamed() {
    Tensor x = random(4, 2, 3, 5);
    Parallel layer = new Parallel(List.of(new Tanh(), new Sequential()), Join.CONCAT, 2);
    Tensor y = layer.forward(x);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 10));
    assertThat(y.slice(2, 0, 5).toArray()).containsExactly(x.tanh().toArray());
    assertThat(y.slice(2, 5, 10).toArray()).containsExactly(x.toArray());
  }

  @Test
  void aResidualAddsItsInput() {
    Tensor x = random(5, 4, 3);
    Residual layer = new Residual(new Linear(3, 3), new Tanh());
    layer.initialize(SEED);
    PlainLayers parameters = new PlainLayers(layer.stateDict());
    double[][] inner = PlainLayers.map(parameters.linear("layers.0", rows(x)), Math::tanh);
    assertClose((float[][]) layer.forward(x).toNested(), PlainLayers.plus(rows(x), inner));
  }

  @Test
  void aResidualWithAShortcutAddsWhatThatMakes() {
    Tensor x = random(6, 4, 3).requiresGrad();
    Residual layer = new Residual(List.of(new Linear(3, 5), new Tanh()), List.of(new Linear(3, 5)));
    layer.initialize(SEED);
    PlainLayers parameters = new PlainLayers(layer.stateDict());
    double[][] inner = PlainLayers.map(parameters.linear("layers.0", rows(x)), Math::tanh);
    double[][] shortcut = parameters.linear("shortcut.0", rows(x));
    Tensor y = layer.forward(x);
    assertClose((float[][]) y.toNested(), PlainLayers.plus(shortcut, inner));

    double[][] gradient = new double[4][3]; // of the sum: W_shortcut + (1 - tanh^2) W_layers
    double[][] direct = parameters.matrix("shortcut.0.weight");
    double[][] weight = parameters.matrix("layers.0.weight");
    for (int n = 0; n < 4; n++) {
      for (int o = 0; o < 5; o++) {
        double slope = 1 - inner[n][o] * inner[n][o];
        for (int i = 0; i < 3; i++) {
          gradient[n][i] += direct[o][i] + slope * weight[o][i];
        }
      }
    }
    Tensor actual = Gradients.of(y.sum(), List.of(x)).get(0);
    assertClose((float[][]) actual.toNested(), gradient);
  }

  private static final int DIM = 6;
  private static final int HEADS = 3;

  private static double[][] around(
      boolean isNormFirst,
      PlainLayers p,
      String norm,
      double[][] x,
      java.util.function.UnaryOperator<double[][]> part) {
    return isNormFirst
        ? PlainLayers.plus(x, part.apply(p.norm(norm, x)))
        : p.norm(norm, PlainLayers.plus(x, part.apply(x)));
  }

  private static double[][] feedforward(PlainLayers p, boolean isGelu, double[][] x) {
    return p.linear(
        "linear2",
        PlainLayers.map(
            p.linear("linear1", x), z -> isGelu ? PlainLayers.gelu(z) : Math.max(z, 0)));
  }

  @ParameterizedTest
  @CsvSource({
    "false,false,true",
    "false,true,true",
    "true,false,true",
    "true,true,true",
    "true,true,false"
  })
  void aDecoderLayerFollowsItsFormula(boolean isNormFirst, boolean isGelu, boolean isCausal) {
    TransformerDecoderLayer layer =
        new TransformerDecoderLayer(
            new TransformerSizes(DIM, HEADS, 8, 0, isNormFirst, isGelu, isCausal));
    layer.initialize(SEED);
    Tensor x = random(7, SAMPLES, 4, DIM);
    Tensor memory = random(8, SAMPLES, 5, DIM);
    PlainLayers p = new PlainLayers(layer.stateDict());
    float[][][] in = (float[][][]) x.toNested();
    float[][][] other = (float[][][]) memory.toNested();
    float[][][] out = (float[][][]) layer.forward(x, memory).toNested();
    for (int n = 0; n < SAMPLES; n++) {
      double[][] m = PlainLayers.doubles(other[n]);
      double[][] y = PlainLayers.doubles(in[n]);
      y = around(isNormFirst, p, "norm1", y, z -> p.attention("self_attn", z, z, HEADS, isCausal));
      y =
          around(
              isNormFirst, p, "norm2", y, z -> p.attention("multihead_attn", z, m, HEADS, false));
      y = around(isNormFirst, p, "norm3", y, z -> feedforward(p, isGelu, z));
      assertClose(out[n], y);
    }
  }
}
